import { afterAll, beforeAll, expect, test } from 'vitest';
import { createTestEngine, type TestEngine } from '../support/engine.ts';
import { waitFor } from '../support/wait-for.ts';

let engine: TestEngine;
beforeAll(async () => {
  engine = await createTestEngine();
  await engine.startWorker();
});
afterAll(() => engine.close());

/** Chunks of other jobs that were completed while the job waited for its only one. */
async function passedBy(jobId: string): Promise<number> {
  const { rows } = await engine.services.database.pool.query<{ chunks: number }>(
    `with wait as (
       select min(at) filter (where type = 'StageStarted' and data ->> 'stage' = 'ECHO') as since,
              min(at) filter (where type = 'ChunkCompleted') as until
       from job_events where job_id = $1
     )
     select count(*)::int as chunks from job_events, wait where type = 'ChunkCompleted' and at > since and at < until and job_id <> $1`,
    [jobId],
  );
  return rows[0]?.chunks ?? 0;
}

test('a small job does not wait for all that large ones have waiting', async () => {
  const large = await Promise.all(
    [1, 2, 3, 4].map(() => engine.submit({ options: { delayMs: 300 }, chunkSize: 2 }, 1_000)),
  );
  // 16 chunks of each wait or run, on four places.
  for (const { id } of large) await waitFor(async () => (await engine.getJob(id)).succeeded >= 10);
  const small = await engine.submit({}, 2);
  await engine.reach(small.id, 'COMPLETED');
  expect(await passedBy(small.id)).toBeLessThan(30);
  for (const { id } of large) await engine.services.jobs.cancelJob(engine.viewer, id);
  await Promise.all(large.map(({ id }) => engine.reach(id, 'CANCELED')));
});
