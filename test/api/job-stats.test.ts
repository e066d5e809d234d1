import { afterAll, beforeAll, expect, test } from 'vitest';
import { markJobsDeleted } from '../../src/database/sql/mark-jobs-deleted.ts';
import { recordOutcome } from '../../src/database/sql/record-outcome.ts';
import { jobStates } from '../../src/domain/job-state.ts';
import { createContext, query } from '../support/graphql-context.ts';
import { createTestProject } from '../support/project.ts';
import { createTestReader, type TestReader } from '../support/reader.ts';
import { seedJob } from '../support/seed-job.ts';

let reader: TestReader;

beforeAll(async () => {
  reader = await createTestReader();
});
afterAll(() => reader.close());

const document = `{ jobStats { jobs jobsByState { state count } completedLastDay averageDurationMs
  items { total pending running succeeded failed skipped canceled } byType { type jobs items { total } } } }`;
const noItems = { total: '0', pending: '0', running: '0', succeeded: '0', failed: '0', skipped: '0', canceled: '0' };

test('a project without jobs has figures too', async () => {
  expect(await query(reader.context, document)).toEqual({
    jobStats: {
      jobs: 0,
      jobsByState: jobStates.map((state) => ({ state, count: 0 })),
      completedLastDay: 0,
      averageDurationMs: null,
      items: noItems,
      byType: [],
    },
  });
});

test('the figures are of all jobs of the project that are not deleted', async () => {
  const { pool } = reader.database;
  const seed = { total: 20, chunkSize: 5 };
  const [old, recent] = [
    await seedJob(reader.database, reader.viewer, { ...seed, state: 'COMPLETED', ended: 20 }),
    await seedJob(reader.database, reader.viewer, { ...seed, state: 'COMPLETED', ended: 20 }),
  ];
  await seedJob(reader.database, reader.viewer, { ...seed, state: 'RUNNING', ended: 10, runningChunk: 2 });
  await seedJob(reader.database, reader.viewer, { ...seed, state: 'CANCELED', ended: 10 });
  const deleted = await seedJob(reader.database, reader.viewer, { ...seed, state: 'FAILED', ended: 20 });
  await reader.database.transaction((client) => markJobsDeleted(client, [deleted]));
  await seedJob(reader.database, await createTestProject(reader.database), { ...seed, state: 'RUNNING', ended: 10 });
  await pool.query(`update job_outcomes set type = 'echo' where job_id = $1`, [old]);
  // One ran for 10 s of which it was paused for 4, the other for 2 s and two days ago.
  await pool.query(
    `update jobs set started_at = now(), completed_at = now() + interval '10 s', paused_ms = 4000 where id = $1`,
    [recent],
  );
  await pool.query(
    `update jobs set started_at = now() - interval '2 days', completed_at = now() - interval '2 days' + interval '2 s' where id = $1`,
    [old],
  );
  for (const id of [recent, old]) await recordOutcome(pool, id);
  const { jobStats } = (await query(reader.context, document)) as {
    jobStats: { jobsByState: { state: string; count: number }[] };
  }; // As asked.
  expect(jobStats.jobsByState.filter(({ count }) => count > 0)).toEqual([
    { state: 'RUNNING', count: 1 },
    { state: 'COMPLETED', count: 2 },
    { state: 'CANCELED', count: 1 },
  ]);
  expect(jobStats).toMatchObject({
    jobs: 4,
    completedLastDay: 1,
    averageDurationMs: '4000',
    items: { total: '80', pending: '5', running: '5', succeeded: '48', failed: '6', skipped: '6', canceled: '10' },
    byType: [
      { type: 'ECHO', jobs: 1, items: { total: '20' } },
      { type: 'TRANSACTIONS', jobs: 3, items: { total: '60' } },
    ],
  });
});

test('figures count 100,000 jobs', async () => {
  const { pool } = reader.database;
  const many = await createTestProject(reader.database);
  const columns = `type, title, state, priority, chunk_priority, validation, options, metadata, source`;
  await pool.query(
    `insert into jobs (id, project_id, input_hash, total, succeeded, pending, ${columns})
     select uuidv7(), $1, '', 100, i % 100, 100 - i % 100, 'echo', 'Job ' || i, case i % 3 when 0 then 'RUNNING' else 'COMPLETED' end,
       'NORMAL', 5, 'MODERATE', '{}', jsonb_build_object('number', i), '{"kind": "inline", "items": []}'
     from generate_series(1, 100000) i`,
    [many.projectId],
  );
  await pool.query(
    `insert into job_outcomes (job_id, project_id, ended_at, type, state, total, succeeded, failed, skipped, canceled, duration_ms)
     select id, project_id, now(), type, state, total, succeeded, 0, 0, 0, 5 from jobs where project_id = $1 and state = 'COMPLETED'`,
    [many.projectId],
  );
  expect(await query(createContext(reader.database, many), '{ jobStats { jobs } }')).toEqual({
    jobStats: { jobs: 100_000 },
  });
});
