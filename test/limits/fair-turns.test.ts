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
async function submit(viewer: Viewer, chunks: number, priority: Job['priority'] = 'NORMAL'): Promise<Job> {
  const items = Array.from({ length: chunks }, () => ({}));
  const source = { kind: 'inline' as const, items };
  const command = { ...echoCommand, source, priority, chunkSize: 1, options: { delayMs: 100 } };
  return (await engine.services.jobs.submitJob(viewer, command)).job;
}

const begun = async (jobs: readonly Job[], least: number) =>
  await waitFor(async () => {
    const counts = await Promise.all(jobs.map(async ({ id }) => (await engine.getJob(id)).succeeded));
    return counts.every((count) => count >= least);
  });

/** Chunks of other jobs that began from when those of `job` came into the queue of the workers until the last of them began. */
async function countOthers(job: Job): Promise<number> {
  const { events = [] } = await engine.services.temporal.client.workflow.getHandle(`job:${job.id}`).fetchHistory();
  const queued = (events ?? []).find(
    ({ activityTaskScheduledEventAttributes: scheduled }) => scheduled?.activityType?.name === 'runChunk',
  );
  const queuedAt = new Date(Number(queued?.eventTime?.seconds) * 1_000 + Number(queued?.eventTime?.nanos) / 1e6);
  const { rows } = await engine.services.database.pool.query<{ others: number }>(
    `select count(*)::int as others
     from chunks c, (select max(started_at) as at from chunks where job_id = $1) last
     where c.job_id <> $1 and c.started_at between $2 and last.at`,
    [job.id, queuedAt],
  );
  return rows[0]?.others ?? 0;
}

const cancel = async (jobs: readonly Job[]) => {
  for (const job of jobs) await engine.services.jobs.cancelJob(engine.viewer, job.id);
  for (const job of jobs) await engine.reach(job.id, 'CANCELED');
};

test('a small job passes what large ones have waiting: its chunks take turns with theirs', async () => {
  const large: Job[] = [];
  // One after the other: the first has all of the workers until the second is there.
  for (let count = 0; count < 6; count += 1) {
    large.push(await submit(engine.viewer, 300));
    await begun(large, 1);
  }
  const small = await submit(engine.viewer, 8);
  await engine.reach(small.id, 'COMPLETED');
  const others = await countOthers(small);
  // In exact turns 48; 90 without turns, 118 with weights that stay what they were.
  expect(others).toBeLessThan(84);
  await cancel(large);
});

test('a job of high priority goes first', async () => {
  const large = await Promise.all(Array.from({ length: 3 }, () => submit(engine.viewer, 300)));
  await begun(large, 1);
  const urgent = await submit(engine.viewer, 16, 'HIGH');
  await engine.reach(urgent.id, 'COMPLETED');
  const others = await countOthers(urgent);
  // Those that had begun to be handed out, of the 48 that wait.
  expect(others).toBeLessThan(16);
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
  expect(others).toBeLessThan(120);
  await cancel(many);
});
