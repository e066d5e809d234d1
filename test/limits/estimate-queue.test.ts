import { afterAll, beforeAll, expect, test } from 'vitest';
import { startTestApi, type TestApi } from '../support/api.ts';
import { seedJob } from '../support/seed-job.ts';
import { estimate, submitEstimated } from '../support/estimate.ts';

let api: TestApi;
beforeAll(async () => {
  // Nobody works on what is submitted.
  api = await startTestApi(undefined, { runningJobsPerUser: 1, submitsPerHour: 2 });
});
afterAll(() => api.close());

const input = { spec: { echo: {} }, source: { inline: { items: [{ value: 'x' }] } } };

/** A running job of the user that is through so many of its 100 items. */
async function seedRunning(ended: number): Promise<string> {
  const { services, viewer } = api.engine;
  const id = await seedJob(services.database, viewer, { state: 'RUNNING', total: 100, ended, chunkSize: 100 });
  await services.database.pool.query('update jobs set created_by = $2 where id = $1', [id, viewer.caller]);
  return id;
}

async function etaMs(jobId: string): Promise<number> {
  const { job } = await api.client.query<{ job: { progress: { etaMs: string } } }>(
    'query ($id: ID!) { job(id: $id) { progress { etaMs } } }',
    { id: jobId },
  );
  return Number(job.progress.etaMs);
}

test('a job with nobody before it stands in no line', async () => {
  expect((await estimate(api.client, input)).queue).toBeNull();
});

test('a wait that nothing tells is not in the duration, and a warning says so', async () => {
  const id = await seedRunning(0);
  await api.engine.services.database.pool.query(
    `update stages set completed = 0, state = 'PENDING' where job_id = $1`,
    [id],
  );
  const { queue, durationMs, warnings } = await estimate(api.client, input);
  expect(queue).toEqual({ position: 1, level: 'USER', limit: 1, waitMs: null });
  expect(durationMs?.expected).toBe('501');
  expect(warnings).toEqual([expect.stringContaining('How long it waits in line is not known')]);
  await api.engine.services.database.pool.query(`update jobs set state = 'PAUSED' where id = $1`, [id]);
});

test('the wait follows from the progress of the jobs that run and the number of those before it, and is in the duration', async () => {
  const running = await seedRunning(50);
  const id = Buffer.from(`Job:${running}`).toString('base64');
  const before = await etaMs(id);
  const first = await submitEstimated(api.client, input);
  const second = await estimate(api.client, input);
  const urgent = await estimate(api.client, { ...input, priority: 'HIGH' });
  const after = await etaMs(id);

  expect(first.estimate.queue).toMatchObject({ position: 1, level: 'USER', limit: 1 });
  expect(second.queue).toMatchObject({ position: 2 });
  expect(urgent.queue).toMatchObject({ position: 1 });
  const [firstWait, secondWait] = [Number(first.estimate.queue?.waitMs), Number(second.queue?.waitMs)];
  // It does not get on: its end moves away with every moment.
  expect(firstWait).toBeGreaterThanOrEqual(before);
  expect(firstWait).toBeLessThanOrEqual(after);
  // The one before it is expected to take as long as the one that runs, from its begin.
  expect(secondWait).toBeGreaterThan(firstWait * 2);
  expect(Number(second.durationMs?.expected)).toBe(secondWait + 501);
  expect(first.estimatedDurationMs).toBe(String(firstWait + 501));
  expect((await estimate(api.stranger, input)).queue).toBeNull();
  const later = await estimate(api.client, { ...input, startAt: new Date(Date.now() + 3_600_000).toISOString() });
  expect(later.queue).toBeNull();
});

test('when the quota of submits is used up, it says from when on the job can be submitted', async () => {
  await submitEstimated(api.client, input);
  const { warnings, durationMs } = await estimate(api.client, input);
  expect(warnings).toEqual([
    'You have submitted 2 jobs within the hour, which is your limit: it can be submitted in about 30 minutes.',
  ]);
  expect(Number(durationMs?.expected)).toBeGreaterThan(1_700_000);
});
