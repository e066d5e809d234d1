import { TestWorkflowEnvironment } from '@temporalio/testing';
import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest';
import pino from 'pino';
import type { NextStep } from '../../src/domain/activities.ts';
import { newId } from '../../src/database/new-id.ts';
import { logTemporal } from '../../src/temporal/runtime-log.ts';
import { countEvents } from '../support/count-events.ts';
import { batchChunks, scriptedActivities, untilCanceled } from './scripted-activities.ts';
import { withWorker } from './scripted-worker.ts';

/** A server that cancels and ends workflows as in production. */
let environment: TestWorkflowEnvironment;

beforeAll(async () => {
  logTemporal(pino({ level: 'silent' }));
  environment = await TestWorkflowEnvironment.createFromExistingServer({ address: inject('temporalAddress') });
});
afterAll(() => environment.teardown());

function start(taskQueue: string, jobId: string) {
  return environment.client.workflow.start('runJob', { workflowId: `job:${jobId}`, taskQueue, args: [{ jobId }] });
}

const partitions = (spans: [first: number, last: number][], lanes = 2): NextStep => ({
  kind: 'PARTITIONS',
  stage: 1,
  generation: 0,
  partitions: spans.map(([first, last]) => ({ first, last })),
  lanes,
  taskPriority: 3,
});

describe('a stage in partitions', () => {
  test('runs every chunk once, and no more at a time than there are lanes', async () => {
    let inFlight = 0;
    let most = 0;
    const run: number[] = [];
    const { activities } = scriptedActivities(
      [
        partitions([
          [0, 7],
          [8, 12],
          [13, 13],
          [14, 15],
        ]),
      ],
      {
        runChunk: async ({ index }) => {
          run.push(index);
          inFlight += 1;
          most = Math.max(most, inFlight);
          await new Promise((resolve) => setImmediate(resolve));
          inFlight -= 1;
          return 'DONE';
        },
      },
    );
    await withWorker(environment, activities, async (queue) => (await start(queue, newId())).result());
    expect(run.toSorted((a, b) => a - b)).toEqual(Array.from({ length: 16 }, (_, index) => index));
    expect(most).toBeLessThanOrEqual(2);
  });

  test('a slow chunk holds up its own lane only, also when partitions end and continue as new', async () => {
    const others = Promise.withResolvers<void>();
    let run = 0;
    const { activities } = scriptedActivities(
      [
        partitions([
          [0, 3],
          [4, 16],
          [17, 20],
        ]),
      ],
      {
        runChunk: async ({ index }) => {
          if (index === 0) await others.promise;
          run += 1;
          // All but those of the slow chunk's own partition.
          if (run === 17) others.resolve();
          return 'DONE';
        },
      },
    );
    await withWorker(environment, activities, async (queue) => (await start(queue, newId())).result());
    expect(run).toBe(21);
  });

  test('a partition begins a new history with every batch of chunks', async () => {
    const { activities } = scriptedActivities([partitions([[0, 11]])]);
    const jobId = newId();
    await withWorker(environment, activities, async (queue) => (await start(queue, jobId)).result());
    const lane = `job:${jobId}:lane-0`;
    const { raw } = await environment.client.workflow.getHandle(lane).describe();
    const runs = await countEvents(environment.client.workflow, lane, raw.workflowExecutionInfo?.firstRunId ?? '');
    expect(runs).toHaveLength(3);
    // Six for each chunk, and for the question which they are; five begin and end a run.
    expect(Math.max(...runs)).toBeLessThanOrEqual(6 * (batchChunks + 1) + 5);
  });

  test('no lane takes another partition once a chunk has yielded', async () => {
    const run: number[] = [];
    const { activities } = scriptedActivities(
      [
        partitions(
          [
            [0, 2],
            [3, 5],
          ],
          1,
        ),
      ],
      {
        runChunk: async ({ index }) => {
          run.push(index);
          return index === 1 ? 'YIELDED' : 'DONE';
        },
      },
    );
    await withWorker(environment, activities, async (queue) => (await start(queue, newId())).result());
    expect(run).toEqual([0, 1]);
  });

  test('goes on with the next partition when somebody has ended one', async () => {
    const run: number[] = [];
    const jobId = newId();
    const { activities } = scriptedActivities(
      [
        partitions(
          [
            [0, 1],
            [2, 3],
          ],
          1,
        ),
      ],
      {
        runChunk: async ({ index }) => {
          run.push(index);
          if (index === 0) {
            await environment.client.workflow.getHandle(`job:${jobId}:lane-0`).terminate();
            await untilCanceled();
          }
          return 'DONE';
        },
      },
    );
    await withWorker(environment, activities, async (queue) => (await start(queue, jobId)).result());
    expect(run).toEqual([0, 2, 3]);
  });

  test('a coordinator that is ended takes its partitions with it, and they hand their chunks back', async () => {
    const jobId = newId();
    const running = Promise.withResolvers<void>();
    const handedBack = Promise.withResolvers<void>();
    const { activities } = scriptedActivities([partitions([[0, 1]])], {
      runChunk: async () => {
        running.resolve();
        return await untilCanceled().finally(() => handedBack.resolve());
      },
    });
    await withWorker(environment, activities, async (queue) => {
      const coordinator = await start(queue, jobId);
      await running.promise;
      await coordinator.terminate();
      await handedBack.promise;
      const lane = environment.client.workflow.getHandle(`job:${jobId}:lane-0`);
      await expect(lane.result()).rejects.toMatchObject({ name: 'WorkflowFailedError' });
    });
  });

  test.each([
    ['asks nothing before the lanes of an earlier coordinator are empty', [{ kind: 'DRAIN', lanes: 2 }], []],
    ['empties a lane that an earlier coordinator left before it runs a partition there', [partitions([[5, 5]])], [5]],
  ] satisfies [string, NextStep[], number[]][])('%s', async (_, steps, run) => {
    const jobId = newId();
    const running = Promise.withResolvers<void>();
    const order: (string | number)[] = [];
    const { activities } = scriptedActivities([], {
      advanceJob: async () => {
        const step = steps.shift();
        if (!step) order.push('asked');
        return step ?? { kind: 'END' };
      },
      runChunk: async ({ index }) => {
        if (index > 0) {
          order.push(index);
          return 'DONE';
        }
        running.resolve();
        return await untilCanceled().finally(() => order.push('handed back'));
      },
    });
    await withWorker(environment, activities, async (taskQueue) => {
      await environment.client.workflow.start('runPartition', {
        workflowId: `job:${jobId}:lane-0`,
        taskQueue,
        args: [{ jobId, stage: 1, generation: 0, first: 0, last: 0, taskPriority: 3 }],
      });
      await running.promise;
      await (await start(taskQueue, jobId)).result();
    });
    expect(order).toEqual(['handed back', ...run, 'asked']);
  });
});
