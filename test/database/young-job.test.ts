import type { PoolClient } from 'pg';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { newId } from '../../src/database/new-id.ts';
import { readChunkItems } from '../../src/database/sql/read-chunk-items.ts';
import { readExportItems } from '../../src/database/sql/read-export-items.ts';
import { readEndedItems } from '../../src/database/sql/reads/read-ended-items.ts';
import { readFailureGroups } from '../../src/database/sql/reads/read-failure-groups.ts';
import { readItems } from '../../src/database/sql/reads/read-items.ts';
import { readOpenItems, readUnchunkedItems } from '../../src/database/sql/reads/read-open-items.ts';
import { createTestDatabase, type TestDatabase } from '../support/database.ts';

/** Items of a job; the first half has ended, every tenth of that with an error. */
const total = 4_000;
const page = 100;
/** Index entries for each row of a page: its item, its result, and as many again to spare. Joins that go wrong read thousands. */
const entriesForEachRow = 4;

let testDatabase: TestDatabase;
let jobId: string;

// The planner knows the first job from its statistics, and believes of the second that it has no row.
beforeAll(async () => {
  testDatabase = await createTestDatabase();
  const { pool } = testDatabase.database;
  await insertJob(await idInFirstPartition());
  await pool.query('analyze');
  jobId = await idInFirstPartition();
  await insertJob(jobId);
});
afterAll(() => testDatabase.close());

async function idInFirstPartition(): Promise<string> {
  for (;;) {
    const id = newId();
    const { rows } = await testDatabase.database.pool.query<{ fits: boolean }>(
      `select satisfies_hash_partition('items'::regclass, 8, 0, $1::uuid) as fits`,
      [id],
    );
    if (rows[0]?.fits) return id;
  }
}

async function insertJob(id: string): Promise<void> {
  const { pool } = testDatabase.database;
  await pool.query(
    `insert into items (job_id, index, key, payload) select $1, n, n, '{}' from generate_series(0, $2::int - 1) n`,
    [id, total],
  );
  await pool.query(
    `insert into item_results (job_id, index, stage, generation, attempts, state, fingerprint, duration_ms)
     select $1, n, 1, 0, 1, case when n % 10 = 0 then 'FAILED' else 'SUCCEEDED' end, case when n % 10 = 0 then n % 100 end, 0
     from generate_series(0, $2::int / 2 - 1) n`,
    [id, total],
  );
  await pool.query(
    `insert into chunks (job_id, stage, generation, index, first_item, last_item, state, priority, remaining)
     values ($1, 1, 0, 0, 0, $2::int - 1, 'RUNNING', 5, $2::int / 2)`,
    [id, total],
  );
}

/** Entries of the indexes of both tables that `read` looks at, and rows that it scans without an index. */
async function countEntriesRead(read: (client: PoolClient) => Promise<unknown[]>) {
  return await testDatabase.database.transaction(async (client) => {
    const before = await entriesRead(client);
    const answer = await read(client);
    return { rows: answer.length, entries: (await entriesRead(client)) - before };
  });
}

/** Of this connection, since it last reported to the statistics. */
async function entriesRead(client: PoolClient): Promise<number> {
  const { rows } = await client.query<{ entries: string }>(
    `select sum(pg_stat_get_xact_tuples_returned(oid)) as entries from pg_class
     where relname ~ '^item(s|_results)_' and relkind in ('r', 'i')`,
  );
  return Number(rows[0]?.entries);
}

const front = { stage: 1, firstStage: 1, generation: 0, isLast: true };
const isFailed = { states: ['FAILED' as const], errorCode: null, fingerprint: null };

test.each<[string, number, number, (client: PoolClient) => Promise<unknown[]>]>([
  [
    'a chunk that nobody began',
    1_000,
    1_000,
    (client) => readChunkItems(client, { jobId, firstItem: 2_500, lastItem: 3_499, itemList: null }),
  ],
  [
    'a chunk of which half is left',
    500,
    1_000,
    (client) => readChunkItems(client, { jobId, firstItem: 1_500, lastItem: 2_499, itemList: null }),
  ],
  ['a page of items', page, page, (client) => readItems(client, { jobId, after: 499, limit: page }, front)],
  [
    'a page of failed items',
    page,
    page,
    (client) => readEndedItems(client, { jobId, after: 499, limit: page }, isFailed),
  ],
  [
    'a page of items that succeeded',
    page,
    page,
    (client) => readEndedItems(client, { jobId, after: 499, limit: page }, { ...isFailed, states: ['SUCCEEDED'] }),
  ],
  [
    'a page of an export',
    page,
    page,
    (client) => readExportItems(client, { jobId, first: 500, last: 599, openState: 'PENDING' }),
  ],
  [
    'a page of running items',
    page,
    page,
    (client) => readOpenItems(client, { jobId, after: 2_000, limit: page }, front, ['RUNNING']),
  ],
  [
    'a page of items that are in no chunk',
    page,
    page,
    (client) => readUnchunkedItems(client, { jobId, after: 2_000, limit: page }),
  ],
  ['the groups of failures', 10, total / 20, (client) => readFailureGroups(client, { jobId, after: null, limit: 10 })],
])('%s costs its own length, though the statistics do not know the job yet', async (_, rows, touched, read) => {
  const counted = await countEntriesRead(read);
  expect(counted.rows).toBe(rows);
  expect(counted.entries).toBeGreaterThan(0);
  expect(counted.entries).toBeLessThanOrEqual(touched * entriesForEachRow);
});
