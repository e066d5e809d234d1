import { afterAll, beforeAll, expect, test } from 'vitest';
import { createApiKey } from '../../src/access/create-api-key.ts';
import type { Job } from '../../src/database/entities/job.ts';
import { weekdays } from '../../src/domain/execution-window.ts';
import type { Viewer } from '../../src/jobs/commands.ts';
import { createTestEngine, type TestEngine } from '../support/engine.ts';
import { mostJobsAtOnce } from '../support/most-jobs-at-once.ts';
import { waitFor } from '../support/wait-for.ts';

let engine: TestEngine;
let others: Viewer[];

beforeAll(async () => {
  engine = await createTestEngine(undefined, { runningJobsPerUser: 1, runningJobs: 3 });
  others = await Promise.all([1, 2, 3].map(createUser));
  await engine.startWorker();
});
afterAll(() => engine.close());

async function createUser(number: number): Promise<Viewer> {
  const { projectId } = engine.viewer;
  const { apiKey } = await createApiKey(engine.services.database, { projectId, name: `user ${number}` });
  return { ...engine.viewer, caller: { kind: 'API_KEY', id: apiKey.id, name: apiKey.name } };
}

const slow = { delayMs: 60_000 };
const startedAt = async (job: Job) => (await engine.getJob(job.id)).startedAt?.getTime() ?? Infinity;
const placeOf = async ({ id }: Job) => (await engine.services.reads.listPlaces([id])).get(id) ?? null;

test('jobs of a user wait in line, are told their place, and start in their order as places come free', async () => {
  const { jobs } = engine.services;
  const first = await engine.submit({ options: slow });
  await engine.reach(first.id, 'RUNNING');
  const low = await engine.submit({ priority: 'LOW' });
  const normal = await engine.submit();
  const high = await engine.submit({ priority: 'HIGH' });
  expect(await placeOf(high)).toEqual({ position: 1, level: 'USER', limit: 1 });
  expect(await placeOf(normal)).toMatchObject({ position: 2 });
  expect(await placeOf(low)).toMatchObject({ position: 3 });

  await jobs.cancelJob(engine.viewer, first.id);
  const ended = await Promise.all([low, normal, high].map((job) => engine.reach(job.id, 'COMPLETED')));
  expect(ended.map(({ state }) => state)).toEqual(['COMPLETED', 'COMPLETED', 'COMPLETED']);
  expect(await startedAt(high)).toBeLessThan(await startedAt(normal));
  expect(await startedAt(normal)).toBeLessThan(await startedAt(low));
});

test('a paused job leaves its place to others, and waits for one when it is resumed', async () => {
  const { jobs } = engine.services;
  const paused = await engine.submit({ options: slow });
  await engine.reach(paused.id, 'RUNNING');
  const next = await engine.submit({ options: slow });
  await jobs.pauseJob(engine.viewer, paused.id);
  await engine.reach(next.id, 'RUNNING');
  expect(await jobs.resumeJob(engine.viewer, paused.id)).toMatchObject({ state: 'PENDING' });
  expect(await placeOf(paused)).toMatchObject({ position: 1 });
  await jobs.cancelJob(engine.viewer, next.id);
  const again = await engine.reach(paused.id, 'RUNNING');
  expect(again.pausedAt).toBeNull();
  expect(again.pausedMs).toBeGreaterThan(0);
  await jobs.cancelJob(engine.viewer, paused.id);
  await engine.reach(paused.id, 'CANCELED');
});

test('a job that was approved waits for a place, and so does one whose window opens', async () => {
  const { jobs } = engine.services;
  const closed = {
    days: [weekdays[(new Date().getUTCDay() + 2) % 7] ?? 'MONDAY'],
    from: '12:00',
    to: '12:01',
    timeZone: 'UTC',
  };
  const canary = await engine.submit({ guardRails: { canary: { items: 2, percent: null } } });
  await engine.reach(canary.id, 'PAUSED');
  const shut = await engine.submit({ guardRails: { window: closed } });
  await engine.reach(shut.id, 'PAUSED');
  const running = await engine.submit({ options: slow });
  await engine.reach(running.id, 'RUNNING');

  expect(await jobs.approveJob(engine.viewer, canary.id)).toMatchObject({ state: 'PENDING' });
  await jobs.updateJobLimits(engine.viewer, shut.id, { window: null });
  await jobs.updateJobLimits(engine.viewer, shut.id, { window: { ...closed, days: [], from: '00:00', to: '00:00' } });
  await engine.reach(shut.id, 'PENDING');
  expect([await placeOf(canary), await placeOf(shut)]).toMatchObject([{ position: 1 }, { position: 2 }]);
  await jobs.cancelJob(engine.viewer, running.id);
  for (const job of [canary, shut]) expect(await engine.reach(job.id, 'COMPLETED')).toMatchObject({ succeeded: 10 });
  expect((await mostJobsAtOnce(engine.services.database.pool)).user).toBe(1);
});

test('a job that is to start later stands in no line, and nobody waits behind it', async () => {
  const later = await engine.submit({ guardRails: { startAt: new Date(Date.now() + 3_600_000) } });
  const running = await engine.submit({ options: slow });
  await engine.reach(running.id, 'RUNNING');
  const next = await engine.submit();
  expect([await placeOf(later), await placeOf(next)]).toMatchObject([null, { position: 1 }]);
  for (const job of [later, running, next]) await engine.services.jobs.cancelJob(engine.viewer, job.id);
  await engine.reach(running.id, 'CANCELED');
});

test('a retry waits for a place too, and can be canceled while it waits', async () => {
  const { jobs } = engine.services;
  const failing = await engine.submit({ options: { failureRate: 0.5 } });
  await engine.reach(failing.id, 'COMPLETED');
  const running = await engine.submit({ options: slow });
  await engine.reach(running.id, 'RUNNING');
  expect(await jobs.retryJob(engine.viewer, failing.id)).toMatchObject({ state: 'PENDING' });
  await jobs.cancelJob(engine.viewer, failing.id);
  await engine.reach(failing.id, 'CANCELED');
  await jobs.cancelJob(engine.viewer, running.id);
  await engine.reach(running.id, 'CANCELED');
});

test('four users with many jobs never exceed any limit, and all come to their turn', async () => {
  const users = [engine.viewer, ...others];
  const submitted = await Promise.all(
    users.flatMap((user) =>
      [1, 2, 3].map(async () => {
        const job = await engine.services.jobs.submitJob(user, { ...command, title: user.caller.name });
        return job.job;
      }),
    ),
  );
  await Promise.all(submitted.map((job) => engine.reach(job.id, 'COMPLETED')));
  const most = await mostJobsAtOnce(engine.services.database.pool);
  expect(most.user).toBe(1);
  expect(most.all).toBeLessThanOrEqual(3);
});

test('when nobody told the next job that its turn has come, as after a kill, the reconciler does', async () => {
  const { database, jobs } = engine.services;
  const first = await engine.submit({ options: slow });
  await engine.reach(first.id, 'RUNNING');
  const next = await engine.submit();
  expect(await placeOf(next)).not.toBeNull();
  // The end of the first as its transaction leaves it, with nobody alive behind it.
  await database.pool.query(`update jobs set state = 'PAUSED' where id = $1`, [first.id]);
  await engine.reach(next.id, 'COMPLETED');
  await jobs.cancelJob(engine.viewer, first.id);
  await engine.reach(first.id, 'CANCELED');
  await waitFor(async () => (await engine.services.reads.listPlaces([next.id])).size === 0);
});

const command = {
  type: 'echo',
  options: { delayMs: 20 },
  source: { kind: 'inline' as const, items: [{ value: 'one' }] },
  priority: 'NORMAL' as const,
  chunkPriority: 5,
  chunkSize: null,
  validation: 'MODERATE' as const,
  idempotencyKey: null,
  metadata: {},
  estimatedMinutes: null,
  exports: [],
};
