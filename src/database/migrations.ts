import { setTimeout as delay } from 'node:timers/promises';
import type { MigrationObject } from '@mikro-orm/core';
import { ConflictError, toError } from '../domain/errors.ts';
import { openDatabase, type Database } from './database.ts';
import { findLongestTransaction } from './sql/find-longest-transaction.ts';

export interface MigrateOptions {
  /** Is told when a migration has to wait. */
  onWait?(message: string): void;
  /** For so long a migration is tried again whose tables others have locked. */
  patienceMs?: number;
  /** Those of the folder, unless given. */
  migrations?: MigrationObject[];
}

/** A statement that waits for a lock holds up everybody who comes after it: so it waits no longer than this. */
const lockTimeoutMs = 2_000;
const longestPauseMs = 10_000;

/**
 * Brings the schema up to date, each migration in a transaction of its own, and answers their names. Others read and write
 * meanwhile. Several processes may call it at once: one migrates, the others wait.
 * @throws ConflictError when a migration does not get its lock in `patienceMs` (10 minutes)
 */
export async function migrate(database: Database, options: MigrateOptions = {}): Promise<string[]> {
  return await holdingMigrationLock(database, async () => {
    // One connection, so that what a migration sets for its session holds for all of its statements.
    const own = await openDatabase(database.orm.config.get('clientUrl') ?? '', 1, {
      lockTimeoutMs,
      migrations: options.migrations,
    });
    try {
      const pending = await findPendingMigrations(own);
      for (const name of pending) await applyPatiently(own, name, options);
      return pending;
    } finally {
      await own.close();
    }
  });
}

async function applyPatiently(own: Database, name: string, { onWait, patienceMs = 600_000 }: MigrateOptions) {
  const giveUpAt = Date.now() + patienceMs;
  for (let pauseMs = 500; ; pauseMs = Math.min(pauseMs * 2, longestPauseMs)) {
    try {
      await own.orm.migrator.up({ migrations: [name] });
      return;
    } catch (thrown) {
      if (!isLockTimeout(toError(thrown))) throw thrown;
      const holder = await findLongestTransaction(own.pool);
      const reason = `${name} needs a lock that others hold; ${holder ?? 'no transaction is open any more'}.`;
      if (Date.now() > giveUpAt) {
        throw new ConflictError(
          `${reason} End that transaction or wait for it, then run "longhaul migrate" again: what was applied stays.`,
        );
      }
      onWait?.(`${reason} Trying again in ${pauseMs / 1_000} s.`);
      await delay(pauseMs);
    }
  }
}

/** The SQL that would bring the last migration up to the entities; empty when they agree. */
export async function findDrift(database: Database): Promise<string[]> {
  const diff = await database.orm.schema.getUpdateSchemaSQL({ wrap: false });
  return diff.split('\n').filter((line) => line.trim() !== '');
}

/** Names of migrations that this version brings and the database lacks. */
export async function findPendingMigrations(database: Database): Promise<string[]> {
  const pending = await database.orm.migrator.getPending();
  return pending.map((migration) => migration.name);
}

/**
 * Settles when the schema has all that this version needs. A newer one will do: migrations take nothing away that the version
 * before them uses.
 * @throws ConflictError that says what is lacking
 */
export async function assertMigrated(database: Database): Promise<void> {
  const lacking = await findPendingMigrations(database);
  if (lacking.length === 0) return;
  throw new ConflictError(
    `This version needs ${lacking.join(', ')}, which the database lacks. Run "longhaul migrate" of this version, then start again.`,
  );
}

/** Any number that nothing else in this database locks. */
const migrationLock = 727_100_001;

/** The lock is held by a session of its own, and asked for without waiting: a session that waits has a snapshot, which CREATE INDEX CONCURRENTLY waits for. */
async function holdingMigrationLock<T>(database: Database, work: () => Promise<T>): Promise<T> {
  const client = await database.pool.connect();
  const ask = async () => {
    const { rows } = await client.query<{ taken: boolean }>('select pg_try_advisory_lock($1) as taken', [
      migrationLock,
    ]);
    return rows[0]?.taken ?? false;
  };
  try {
    while (!(await ask())) await delay(500);
    return await work();
  } finally {
    await client.query('select pg_advisory_unlock($1)', [migrationLock]).catch(() => undefined);
    client.release();
  }
}

/** SQLSTATE lock_not_available, wherever MikroORM keeps it. */
function isLockTimeout(error: Error): boolean {
  if ('code' in error && error.code === '55P03') return true;
  return error.cause instanceof Error && isLockTimeout(error.cause);
}
