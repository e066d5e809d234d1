import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest';
import type { Job } from '../../src/database/entities/job.ts';
import type { GuardRailsCommand, SubmitJobCommand } from '../../src/jobs/commands.ts';
import { createTestEngine, type TestEngine } from '../support/engine.ts';
import { holdWrite } from '../support/hold-write.ts';
import { startWorker, type LonghaulProcess } from '../support/processes.ts';
import { waitFor } from '../support/wait-for.ts';

let engine: TestEngine;
let worker: LonghaulProcess;

beforeAll(async () => {
  engine = await createTestEngine();
});
afterAll(() => engine.close());
beforeEach(async () => {
  worker = await startProcess();
});
afterEach(() => worker.kill9());

/** Chunks in flight, at most. */
const window = 4;

async function startProcess(): Promise<LonghaulProcess> {
  const { databaseUrl, temporal, dataDir } = engine.config;
  return await startWorker({
    databaseUrl,
    dataDir,
    temporalAddress: temporal.address,
    taskQueue: temporal.taskQueue,
    env: { LONGHAUL_JOB_WINDOW: String(window) },
  });
}

/** The worker dies, and another one comes. */
async function replaceWorker(): Promise<void> {
  await worker.kill9();
  worker = await startProcess();
}

const submit = (guardRails: GuardRailsCommand, options: object, count: number) =>
  engine.submit({ guardRails, chunkSize: 10, options } satisfies Partial<SubmitJobCommand>, count);

async function countEntries(job: Job, type: string): Promise<number> {
  const { rowCount } = await engine.services.database.pool.query(
    'select from job_events where job_id = $1 and type = $2',
    [job.id, type],
  );
  return rowCount ?? 0;
}

/** The results of a job and the transactions that wrote them. */
async function results(job: Job): Promise<{ index: number; xmin: string }[]> {
  const { rows } = await engine.services.database.pool.query<{ index: number; xmin: string }>(
    'select index::int as index, xmin::text from item_results where job_id = $1 order by index',
    [job.id],
  );
  return rows;
}

test('a worker that is killed as the canary ends leaves one report, and its items do not run again after approval', async () => {
  const { database, jobs } = engine.services;
  const job = await submit({ canary: { items: 20, percent: null } }, { delayMs: 20 }, 200);
  {
    await using held = await holdWrite(database.pool, 'guard_rails', `new.canary_state = 'WAITING'`);
    await held.reached();
    await replaceWorker();
  }
  expect(await engine.reach(job.id, 'PAUSED')).toMatchObject({ pauseReason: 'APPROVAL', succeeded: 20, running: 0 });
  expect(await countEntries(job, 'CanaryCompleted')).toBe(1);
  const canary = await results(job);
  await jobs.approveJob(engine.viewer, job.id);
  await waitFor(async () => (await engine.getJob(job.id)).succeeded > 40);
  await replaceWorker();
  expect(await engine.reach(job.id, 'COMPLETED')).toMatchObject({ succeeded: 200, failed: 0 });
  const all = await results(job);
  expect(all).toHaveLength(200);
  expect(all.slice(0, 20)).toEqual(canary);
});

test('a worker that is killed while it reserves and spends leaves a job that never spends more than its budget', async () => {
  const { database, jobs } = engine.services;
  const job = await submit({ budget: { amount: '100', unit: 'CREDIT' } }, { delayMs: 20, costPerItem: '1' }, 300);
  {
    // A reservation is the claim: its transaction dies with its worker.
    await using held = await holdWrite(database.pool, 'chunks', `new.state = 'RUNNING' and new.index = 5`);
    await held.reached();
    await replaceWorker();
  }
  await expectWithin(job, 100);
  await jobs.updateJobLimits(engine.viewer, job.id, { budget: { amount: '250', unit: 'CREDIT' } });
  await jobs.resumeJob(engine.viewer, job.id);
  await waitFor(async () => (await engine.getJob(job.id)).succeeded > 120);
  await replaceWorker();
  await expectWithin(job, 250);
  await jobs.updateJobLimits(engine.viewer, job.id, { budget: { amount: '300', unit: 'CREDIT' } });
  await jobs.resumeJob(engine.viewer, job.id);
  expect(await engine.reach(job.id, 'COMPLETED')).toMatchObject({ succeeded: 300 });
  expect(await results(job)).toHaveLength(300);
});

/** It pauses below its budget by no more than what dead attempts had reserved. */
async function expectWithin(job: Job, budget: number): Promise<void> {
  const { pauseReason, succeeded, running } = await engine.reach(job.id, 'PAUSED');
  expect({ pauseReason, running }).toEqual({ pauseReason: 'BUDGET', running: 0 });
  expect(succeeded).toBeLessThanOrEqual(budget);
  expect(succeeded).toBeGreaterThan(budget - 10 * window);
}

test('a worker that is killed as its breaker trips leaves the trip to the next claim, and nothing else begins', async () => {
  const { database } = engine.services;
  const breaker = { failures: 20, percent: null, minimumItems: 1 };
  const job = await submit({ breaker }, { delayMs: 20, failureRate: 1 }, 400);
  {
    await using held = await holdWrite(database.pool, 'job_events', `new.type = 'BreakerTripped'`);
    await held.reached();
    await replaceWorker();
  }
  const paused = await engine.reach(job.id, 'PAUSED');
  expect(paused).toMatchObject({ pauseReason: 'BREAKER', running: 0 });
  expect(paused.failed).toBeGreaterThanOrEqual(20);
  expect(paused.failed).toBeLessThanOrEqual(20 + 10 * window);
  expect(await countEntries(job, 'BreakerTripped')).toBe(1);
});
