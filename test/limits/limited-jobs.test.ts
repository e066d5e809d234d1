import { afterAll, beforeAll, expect, test } from 'vitest';
import { findClosedProvider } from '../../src/jobs/reads/closed-provider.ts';
import { createTestEngine, type TestEngine } from '../support/engine.ts';
import { waitFor } from '../support/wait-for.ts';

let engine: TestEngine;
beforeAll(async () => {
  engine = await createTestEngine();
  await engine.startWorker();
});
afterAll(() => engine.close());

/** How long the job's stage over items took, by the database's clock. */
async function stageMs(jobId: string): Promise<number> {
  const { rows } = await engine.services.database.pool.query<{ ms: number }>(
    `select extract(epoch from completed_at - started_at)::float8 * 1000 as ms from stages where job_id = $1 and kind = 'ITEMS'`,
    [jobId],
  );
  return rows[0]?.ms ?? 0;
}

test('a job never exceeds its own rate, nor do its redrives, and its bucket goes with it', async () => {
  const job = await engine.submit({ limits: { itemsPerSecond: 40 }, options: { failureRate: 0.5 } }, 80);
  const { failed } = await engine.reach(job.id, 'COMPLETED');
  expect(await stageMs(job.id)).toBeGreaterThan((80 / 40 - 1.2) * 1_000);

  await engine.services.jobs.retryJob(engine.viewer, job.id);
  await engine.reach(job.id, 'RUNNING', 'COMPLETING');
  await engine.reach(job.id, 'COMPLETED');
  const { rows } = await engine.services.database.pool.query<{ ms: number }>(
    `select extract(epoch from max(at) - min(at))::float8 * 1000 as ms from job_events
     where job_id = $1 and type in ('JobRedriven', 'ChunkCompleted') and sequence >= (select sequence from job_events where job_id = $1 and type = 'JobRedriven')`,
    [job.id],
  );
  expect(rows[0]?.ms).toBeGreaterThan((failed / 40 - 1.2) * 1_000);

  const buckets = `select from buckets where name = 'job:' || $1`;
  expect((await engine.services.database.pool.query(buckets, [job.id])).rowCount).toBe(1);
  await engine.services.jobs.deleteJob(engine.viewer, job.id);
  await waitFor(async () => (await engine.services.database.pool.query(buckets, [job.id])).rowCount === 0);
});

test('a provider that asks to wait stops every job that needs it, says so, and all go on when it is over', async () => {
  const { database, reads } = engine.services;
  const options = { serviceItemsPerSecond: 2_000, retryAfterMs: 4_000 };
  const busy = await engine.submit({ options: { ...options, transientFailureRate: 0.01 }, chunkSize: 50 }, 1_000);
  const bystander = await engine.submit({ options: { ...options, delayMs: 200 }, chunkSize: 50 }, 1_000);
  const free = await engine.submit({}, 10);

  const closed = await waitFor(async () => {
    const buckets = await reads.listClosedBuckets([engine.viewer.projectId]);
    return findClosedProvider(await engine.getJob(bystander.id), buckets);
  });
  expect(closed).toMatchObject({
    provider: 'echo',
    reason: expect.stringMatching(/^Item \d+ was asked to fail at first/),
  });

  // Its chunks are handed back: they hold no worker up.
  await waitFor(async () => {
    const { running, state } = await engine.getJob(bystander.id);
    return state === 'RUNNING' && running === 0;
  });
  await engine.reach(free.id, 'COMPLETED');
  expect(await engine.reach(busy.id, 'COMPLETED')).toMatchObject({ succeeded: 1_000 });
  expect(await engine.reach(bystander.id, 'COMPLETED')).toMatchObject({ succeeded: 1_000 });
  const { rows } = await database.pool.query<{ late: boolean }>(
    `select bool_and(completed_at > $2) as late from jobs where id = any ($1)`,
    [[busy.id, bystander.id], closed.until],
  );
  expect(rows[0]?.late).toBe(true);
});
