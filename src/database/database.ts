import type { MigrationObject } from '@mikro-orm/core';
import { Migrator } from '@mikro-orm/migrations';
import { defineConfig, MikroORM, type EntityManager } from '@mikro-orm/postgresql';
import { fileURLToPath } from 'node:url';
import type { Pool, PoolClient } from 'pg';
import { entities } from './entities/index.ts';

/** The one way to Postgres: entities through `em()`, bulk SQL through `pool`; both share the same connections. */
export interface Database {
  orm: MikroORM;
  pool: Pool;
  /** A fresh identity map; take one per request or activity. */
  em(): EntityManager;
  /** Runs `work` in one transaction and hands its connection back, whatever happens. */
  transaction<T>(work: (client: PoolClient) => Promise<T>): Promise<T>;
  close(): Promise<void>;
}

const migrationsPath = fileURLToPath(new URL('./migrations', import.meta.url));

interface DatabaseSettings {
  /** A statement that waits for a lock longer than this fails. Default: it waits. */
  lockTimeoutMs?: number | undefined;
  /** Instead of those of the folder. */
  migrations?: MigrationObject[] | undefined;
}

/** How MikroORM reaches the database at `url`, with its entities and migrations. */
export function databaseOptions(url: string, maxConnections = 10, settings: DatabaseSettings = {}) {
  return defineConfig({
    clientUrl: url,
    entities,
    extensions: [Migrator],
    pool: { min: 0, max: maxConnections },
    // The server may be starting or restarting: callers retry, the pool must not give up for good.
    driverOptions: { connectionTimeoutMillis: 10_000, keepAlive: true, lock_timeout: settings.lockTimeoutMs },
    migrations: {
      path: migrationsPath,
      pathTs: migrationsPath,
      emit: 'ts',
      snapshot: false,
      migrationsList: settings.migrations,
      // Each in a transaction of its own: the locks of one are not held for the next.
      allOrNothing: false,
      silent: true,
    },
    // A look for the database at the start would fail while Postgres is down.
    ensureDatabase: false,
    forceUtcTimezone: true,
    discovery: { warnWhenNoEntities: true },
  });
}

/** Connects lazily: succeeds while Postgres is still down. */
export async function openDatabase(
  url: string,
  maxConnections?: number,
  settings?: DatabaseSettings,
): Promise<Database> {
  const orm = await MikroORM.init({ ...databaseOptions(url, maxConnections, settings) });
  const pool = await orm.em.getDriver().getConnection().getNativeClient();
  return {
    orm,
    pool,
    em: () => orm.em.fork(),
    transaction: (work) => inTransaction(pool, work),
    close: async () => {
      await orm.close(true);
      // The query builder ends the pool only when it has used it itself.
      if (!pool.ending) await pool.end();
    },
  };
}

async function inTransaction<T>(pool: Pool, work: (client: PoolClient) => Promise<T>): Promise<T> {
  const client = await pool.connect();
  let broken = false;
  try {
    await client.query('begin');
    const result = await work(client);
    await client.query('commit');
    return result;
  } catch (error) {
    // A connection that cannot roll back is not returned to the pool.
    await client.query('rollback').catch(() => (broken = true));
    throw error;
  } finally {
    client.release(broken);
  }
}
