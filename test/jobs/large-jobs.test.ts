import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Job } from '../../src/database/entities/job.ts';
import { createTestEngine, type TestEngine } from '../support/engine.ts';
import { waitFor } from '../support/wait-for.ts';

/** So little at a time that a job of 40 chunks is a large one. */
const plan = { window: 3, directChunks: 10, batchChunks: 4 };
let engine: TestEngine;

beforeAll(async () => {
  engine = await createTestEngine();
  await engine.startWorker(plan);
});
afterAll(() => engine.close());

async function read<Row extends object>(sql: string, job: Job): Promise<Row[]> {
  return (await engine.services.database.pool.query<Row>(sql, [job.id])).rows;
}

/** Runs of the job's partitions, as far as Temporal lists them already. */
async function listPartitions(job: Job) {
  const { client } = engine.services.temporal;
  const found = client.workflow.list({ query: `WorkflowId STARTS_WITH 'job:${job.id}:lane-'` });
  return await Array.fromAsync(found);
}

const chunkStates = 'select attempt, state, count(*)::int from chunks where job_id = $1 group by 1, 2 order by 1';

describe('a stage of more chunks than a coordinator runs itself', () => {
  test('runs in partitions, each chunk once, with short histories', async () => {
    const job = await engine.submit({ chunkSize: 2 }, 80);
    expect(await engine.reach(job.id, 'COMPLETED')).toMatchObject({ total: 80, succeeded: 80 });
    expect(await read(chunkStates, job)).toEqual([{ attempt: 1, state: 'COMPLETED', count: 40 }]);
    const runs = await waitFor(async () => {
      const listed = await listPartitions(job);
      const lanes = new Set(listed.map(({ workflowId }) => workflowId));
      return lanes.size === plan.window && listed;
    });
    const { workflow } = engine.services.temporal.client;
    const histories = await Promise.all(
      runs.map(({ workflowId, runId }) => workflow.getHandle(workflowId, runId).fetchHistory()),
    );
    // One for each chunk and one that asks which they are; how many tasks of the workflow lie between depends on the machine.
    const activities = histories.map(
      ({ events }) => events?.filter((event) => event.activityTaskScheduledEventAttributes).length ?? 0,
    );
    expect(Math.max(...activities)).toBeLessThanOrEqual(plan.batchChunks + 1);
  });

  test('is drained by a pause, in all lanes, and goes on', async () => {
    const job = await engine.submit({ chunkSize: 2, options: { delayMs: 60 } }, 80);
    await waitFor(async () => (await engine.getJob(job.id)).succeeded > 0);
    await engine.services.jobs.pauseJob(engine.viewer, job.id);
    expect(await engine.reach(job.id, 'PAUSED')).toMatchObject({ running: 0 });
    expect(await read(`select index from chunks where job_id = $1 and state = 'RUNNING'`, job)).toEqual([]);
    await engine.services.jobs.resumeJob(engine.viewer, job.id);
    expect(await engine.reach(job.id, 'COMPLETED')).toMatchObject({ succeeded: 80 });
  });

  test('is canceled in all lanes', async () => {
    const job = await engine.submit({ chunkSize: 2, options: { delayMs: 1_000 } }, 80);
    await waitFor(async () => (await engine.getJob(job.id)).running > 0);
    await engine.services.jobs.cancelJob(engine.viewer, job.id);
    const canceled = await engine.reach(job.id, 'CANCELED');
    expect(canceled.canceled).toBe(80 - canceled.succeeded);
    expect(await read('select index from item_results where job_id = $1', job)).toHaveLength(canceled.succeeded);
  });

  test('is finished by another coordinator when the first is lost, never in more lanes than before', async () => {
    const job = await engine.submit({ chunkSize: 2, options: { delayMs: 50 } }, 80);
    await waitFor(async () => (await engine.getJob(job.id)).succeeded > 0);
    const { client, workflows } = engine.services.temporal;
    await client.workflow.getHandle(`job:${job.id}`).terminate();
    await workflows.wakeJob(job.id);
    expect(await engine.reach(job.id, 'COMPLETED')).toMatchObject({ succeeded: 80 });
    const lanes = new Set((await listPartitions(job)).map(({ workflowId }) => workflowId));
    expect(lanes.size).toBeLessThanOrEqual(plan.window);
  });
});

describe('the chunks of a job that names no size', () => {
  const sizes = async (job: Job) =>
    (
      await read<{ size: number }>(
        `select (last_item - first_item + 1)::int as size from chunks where job_id = $1 order by index`,
        job,
      )
    ).map(({ size }) => size);

  /** A finished job as if each of its chunks had held 400 items and taken `seconds`. */
  const seedChunks = async (count: number, seconds: number, options: object) => {
    const job = await engine.submit({ options: { ...options }, chunkSize: 1 }, count);
    await engine.reach(job.id, 'COMPLETED');
    await engine.services.database.pool.query(
      `update chunks set succeeded = 400, started_at = completed_at - make_interval(secs => $2) where job_id = $1`,
      [job.id, seconds],
    );
  };

  test('do not follow a job of so few chunks that they tell of the moment only', async () => {
    const options = { outputBytes: 3 };
    await seedChunks(7, 60, options);
    const second = await engine.submit({ options }, 1_000);
    await engine.reach(second.id, 'COMPLETED');
    expect(await sizes(second)).toEqual([500, 500]);
  });

  test('shrink when those of earlier jobs took too long, and stay as they are for other options that were quick', async () => {
    const options = { slow: { outputBytes: 1 }, quick: { outputBytes: 2 } };
    await seedChunks(8, 4.8, options.slow);
    await seedChunks(8, 0.1, options.quick);
    const slowAgain = await engine.submit({ options: options.slow }, 1_000);
    const quickAgain = await engine.submit({ options: options.quick }, 1_000);
    await engine.reach(slowAgain.id, 'COMPLETED');
    await engine.reach(quickAgain.id, 'COMPLETED');
    // 12 ms an item: 416 take 5 s.
    expect(await sizes(slowAgain)).toEqual([416, 416, 168]);
    expect(await sizes(quickAgain)).toEqual([500, 500]);
  });
});
