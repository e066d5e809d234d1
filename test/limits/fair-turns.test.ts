import { afterEach, beforeEach, expect, test } from 'vitest';
import type { Job } from '../../src/database/entities/job.ts';
import type { Viewer } from '../../src/jobs/commands.ts';
import { createTestEngine, echoCommand, type TestEngine } from '../support/engine.ts';
import { createTestProject } from '../support/project.ts';
import { waitFor } from '../support/wait-for.ts';

let engine: TestEngine;

beforeEach(async () => {
  engine = await createTestEngine();
  await engine.startWorker();
});
afterEach(() => engine.close());

/** A job of so many chunks, each of which holds one of four places of the worker for a moment. */
async function submit(
  viewer: Viewer,
  chunks: number,
  { priority = 'NORMAL', delayMs = 100 }: { priority?: Job['priority']; delayMs?: number } = {},
): Promise<Job> {
  const items = Array.from({ length: chunks }, () => ({}));
  const source = { kind: 'inline' as const, items };
  const command = { ...echoCommand, source, priority, chunkSize: 1, options: { delayMs } };
  return (await engine.services.jobs.submitJob(viewer, command)).job;
}

const begun = async (jobs: readonly Job[], least: number) =>
  await waitFor(async () => {
    const counts = await Promise.all(jobs.map(async ({ id }) => (await engine.getJob(id)).succeeded));
    return counts.every((count) => count >= least);
  });

/** Chunks of other jobs that began from when those of `job` were there to be run until the last of them began. */
async function countOthers(job: Job): Promise<number> {
  const { rows } = await engine.services.database.pool.query<{ others: number }>(
    `select count(*)::int as others
     from chunks c, (select started_at as at from stages where job_id = $1 and kind = 'ITEMS') ready,
       (select max(started_at) as at from chunks where job_id = $1) last
     where c.job_id <> $1 and c.started_at between ready.at and last.at`,
    [job.id],
  );
  return rows[0]?.others ?? 0;
}

async function listChunkStates(job: Job): Promise<string[]> {
  const { rows } = await engine.services.database.pool.query<{ state: string }>(
    'select state from chunks where job_id = $1',
    [job.id],
  );
  return rows.map(({ state }) => state);
}

const cancel = async (jobs: readonly Job[]) => {
  for (const job of jobs) await engine.services.jobs.cancelJob(engine.viewer, job.id);
  for (const job of jobs) await engine.reach(job.id, 'CANCELED');
};

test('a small job passes what large ones have waiting: its chunks take turns with theirs', async () => {
  const large = await Promise.all(Array.from({ length: 6 }, () => submit(engine.viewer, 300)));
  await begun(large, 1);
  const small = await submit(engine.viewer, 8);
  await engine.reach(small.id, 'COMPLETED');
  const others = await countOthers(small);
  // In turns 48, and what begins while it is planned. Without turns over 200: what the six have waiting, again and again.
  expect(others).toBeLessThan(150);
  await cancel(large);
});

test('a job of high priority goes first', async () => {
  const large = await Promise.all(Array.from({ length: 3 }, () => submit(engine.viewer, 300)));
  await begun(large, 1);
  const urgent = await submit(engine.viewer, 16, { priority: 'HIGH' });
  await engine.reach(urgent.id, 'COMPLETED');
  const others = await countOthers(urgent);
  // Those that had begun to be handed out, not the 48 that wait.
  expect(others).toBeLessThan(48);
  await cancel(large);
});

test('a project with one job has about as much of the workers as one with four', async () => {
  const other = await createTestProject(engine.services.database);
  const many = await Promise.all(Array.from({ length: 4 }, () => submit(engine.viewer, 300)));
  await begun(many, 1);
  const one = await submit(other, 60);
  await engine.reach(one.id, 'COMPLETED');
  const others = await countOthers(one);
  // In equal shares 60; four times as many without weights, and more without turns.
  expect(others).toBeLessThan(180);
  await cancel(many);
});

test('a job is read and cut into chunks while chunks of another hold all places of the worker', async () => {
  const slow = await submit(engine.viewer, 4, { delayMs: 60_000 });
  await waitFor(async () => (await listChunkStates(slow)).filter((state) => state === 'RUNNING').length === 4);
  const next = await submit(engine.viewer, 2);
  await waitFor(async () => (await listChunkStates(next)).length > 0);
  expect([await listChunkStates(slow), await listChunkStates(next)]).toEqual([
    Array(4).fill('RUNNING'),
    Array(2).fill('PENDING'),
  ]);
  await cancel([slow, next]);
});
