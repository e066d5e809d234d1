import type { Database } from './database.ts';

/** Brings the schema up to date. Several processes may call it at once: one migrates, the others wait. */
export async function migrate(database: Database): Promise<string[]> {
  // The lock is held by a session of its own: the migrator opens its own transactions.
  const client = await database.pool.connect();
  try {
    await client.query('select pg_advisory_lock($1)', [migrationLock]);
    const applied = await database.orm.migrator.up();
    return applied.map((migration) => migration.name);
  } finally {
    await client.query('select pg_advisory_unlock($1)', [migrationLock]).catch(() => undefined);
    client.release();
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

/** Any number that nothing else in this database locks. */
const migrationLock = 727_100_001;
