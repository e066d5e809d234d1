import { randomBytes } from 'node:crypto';
import { Client } from 'pg';
import { inject } from 'vitest';
import { openDatabase, type Database } from '../../src/database/database.ts';

export interface TestDatabase {
  database: Database;
  /** For a second `openDatabase`, or for a process under test. */
  url: string;
  /** Drops it. @throws Error when a test kept a connection or a pool: either would starve a real server. */
  close(): Promise<void>;
}

/** An empty, migrated database for one test file; close it in `afterAll`. */
export async function createTestDatabase(): Promise<TestDatabase> {
  const template = new URL(inject('templateUrl'));
  const name = `test_${randomBytes(6).toString('hex')}`;
  await administer(`create database ${name} template ${template.pathname.slice(1)}`);
  const url = Object.assign(new URL(template), { pathname: `/${name}` }).href;
  const database = await openDatabase(url);

  const close = async () => {
    const kept = database.pool.totalCount - database.pool.idleCount;
    // Closing the pool would wait for them for ever. The database goes with its server.
    if (kept > 0) throw new Error(`${kept} connections were not handed back to the pool of ${name}.`);
    await database.close();
    // Without "force" it waits five seconds for others to leave, then says how many stay.
    await administer(`drop database ${name}`);
  };
  return { database, url, close };
}

/** A database without a single table. */
export async function createEmptyDatabase(): Promise<{ url: string; drop(): Promise<void> }> {
  const name = `test_${randomBytes(6).toString('hex')}`;
  await administer(`create database ${name}`);
  const url = Object.assign(new URL(inject('templateUrl')), { pathname: `/${name}` }).href;
  return { url, drop: () => administer(`drop database ${name}`) };
}

async function administer(statement: string): Promise<void> {
  const url = Object.assign(new URL(inject('templateUrl')), { pathname: '/postgres' }).href;
  const admin = new Client({ connectionString: url });
  await admin.connect();
  try {
    await admin.query(statement);
  } finally {
    await admin.end();
  }
}
