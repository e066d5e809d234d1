import { afterAll, beforeAll, expect, test } from 'vitest';
import { selectRedriven } from '../../src/activities/select-redrive.ts';
import { newId } from '../../src/database/new-id.ts';
import { createTestDatabase, type TestDatabase } from '../support/database.ts';
import { seedReadingJob } from '../support/seed-reading-job.ts';

let db: TestDatabase;

beforeAll(async () => {
  db = await createTestDatabase();
});
afterAll(() => db.close());

test('the failed items of a large job go into chunks of one size, over several batches', async () => {
  const { pool } = db.database;
  const jobId = await seedReadingJob(db.database, { projectId: newId(), type: 'echo' });
  await pool.query(
    `insert into item_results (job_id, index, stage, generation, attempts, state, error_code, error_message, fingerprint, duration_ms)
     select $1, index, 1, 0, 1, 'FAILED', 'TEST', 'Failed.', 'TEST', 0 from generate_series(0, 89999) as index`,
    [jobId],
  );
  await pool.query(
    `insert into stages (job_id, position, name, kind, state, total, metadata)
     values ($1, 1, 'ECHO', 'ITEMS', 'PENDING', null, '{}')`,
    [jobId],
  );
  await pool.query('update jobs set total = 90000, failed = 90000, generation = 1 where id = $1', [jobId]);
  let batches = 0;
  expect(await selectRedriven(db.database, { jobId, generation: 1, onBatch: () => (batches += 1) })).toBe('DONE');
  const { rows } = await pool.query(
    'select remaining::int, count(*)::int from chunks where job_id = $1 group by remaining',
    [jobId],
  );
  expect(rows).toEqual([{ remaining: 4_500, count: 20 }]);
  expect(batches).toBeGreaterThan(3);
});
