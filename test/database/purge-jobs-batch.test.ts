import { afterAll, beforeAll, expect, test } from 'vitest';
import { itemTables, jobTables } from '../../src/database/sql/purge-jobs-batch.ts';
import { createTestDatabase, type TestDatabase } from '../support/database.ts';

let db: TestDatabase;
beforeAll(async () => {
  db = await createTestDatabase();
});
afterAll(() => db.close());

/** What is written of a job and outlives it: the ledger of its type, and what statistics are made of. */
const kept = ['job_outcomes', 'ledger_transactions'];

test('every table that holds rows of a job is purged with it, or kept on purpose', async () => {
  const { rows } = await db.database.pool.query<{ name: string }>(
    `select c.relname as name from pg_class c join pg_attribute a on a.attrelid = c.oid
     where a.attname = 'job_id' and c.relkind in ('r', 'p') and not c.relispartition
       and c.relnamespace = 'public'::regnamespace`,
  );
  const purged = Object.keys({ ...itemTables, ...jobTables });
  expect(rows.map(({ name }) => name).toSorted()).toEqual([...purged, ...kept].toSorted());
});
