import { TestWorkflowEnvironment } from '@temporalio/testing';
import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest';
import pino from 'pino';
import type { NextStep } from '../../src/domain/activities.ts';
import { logTemporal } from '../../src/temporal/runtime-log.ts';
import { countEvents } from '../support/count-events.ts';
import { scriptedActivities } from './scripted-activities.ts';
import { withWorker } from './scripted-worker.ts';

let environment: TestWorkflowEnvironment;

beforeAll(async () => {
  logTemporal(pino({ level: 'silent' }));
  environment = await TestWorkflowEnvironment.createTimeSkipping({
    server: { executable: { type: 'existing-path', path: inject('temporalTestServerPath') } },
  });
});
afterAll(() => environment.teardown());

function start(taskQueue: string, jobId: string) {
  return environment.client.workflow.start('runJob', { workflowId: `job:${jobId}`, taskQueue, args: [{ jobId }] });
}

const chunks = (indexes: number[], window = 2): NextStep => ({
  kind: 'CHUNKS',
  stage: 1,
  generation: 0,
  indexes,
  window,
  taskPriority: 3,
});

describe('runJob', () => {
  test('runs what the database says, step by step', async () => {
    const { asked, activities } = scriptedActivities([
      { kind: 'INGEST', generation: 0 },
      chunks([0, 1, 2]),
      { kind: 'ONCE', stage: 2, generation: 0 },
      { kind: 'EXPORTS', exportIds: ['a'] },
      { kind: 'WRITE_BACK' },
    ]);
    await withWorker(environment, activities, async (queue) => (await start(queue, 'steps')).result());
    expect(asked.filter((each) => !each.startsWith('chunk'))).toEqual(['ingest 0', 'once 2', 'export a', 'write back']);
    expect(asked.filter((each) => each.startsWith('chunk')).sort()).toEqual(['chunk 1/0', 'chunk 1/1', 'chunk 1/2']);
  });

  test('keeps no more chunks in flight than the window', async () => {
    let inFlight = 0;
    let most = 0;
    const { activities } = scriptedActivities([chunks([0, 1, 2, 3, 4, 5, 6, 7], 3)], {
      runChunk: async () => {
        inFlight += 1;
        most = Math.max(most, inFlight);
        await new Promise((resolve) => setImmediate(resolve));
        inFlight -= 1;
        return 'DONE';
      },
    });
    await withWorker(environment, activities, async (queue) => (await start(queue, 'window')).result());
    expect(most).toBeLessThanOrEqual(3);
  });

  test('hands out nothing more once a chunk has yielded, and asks again', async () => {
    const run: number[] = [];
    const { activities } = scriptedActivities([chunks([0, 1, 2, 3, 4], 1)], {
      runChunk: async ({ index }) => {
        run.push(index);
        return index === 1 ? 'YIELDED' : 'DONE';
      },
    });
    await withWorker(environment, activities, async (queue) => (await start(queue, 'yield')).result());
    expect(run).toEqual([0, 1]);
  });

  test('waits for as long as it is told, without being woken', async () => {
    const forMs = 3 * 3_600_000;
    const { asked, activities } = scriptedActivities([
      { kind: 'WAIT', forMs },
      { kind: 'ONCE', stage: 1, generation: 0 },
    ]);
    await withWorker(environment, activities, async (queue) => {
      const handle = await start(queue, 'wait-for');
      await handle.result();
      const { startTime, closeTime } = await handle.describe();
      expect(Number(closeTime) - Number(startTime)).toBeGreaterThanOrEqual(forMs);
    });
    expect(asked).toEqual(['once 1']);
  });

  test('waits while the job is paused, for days if need be, until it is woken', async () => {
    const { asked, activities } = scriptedActivities([{ kind: 'WAIT' }, { kind: 'ONCE', stage: 1, generation: 0 }]);
    await withWorker(environment, activities, async (queue) => {
      const handle = await start(queue, 'wait');
      await environment.sleep('3 days');
      expect(asked).toEqual([]);
      await handle.signal('wake');
      await handle.result();
    });
    expect(asked).toEqual(['once 1']);
  });

  test('looks again by itself when the time has come that it was told to wait', async () => {
    const { asked, activities } = scriptedActivities([
      { kind: 'WAIT', forMs: 3 * 86_400_000 },
      { kind: 'ONCE', stage: 1, generation: 0 },
    ]);
    await withWorker(environment, activities, async (queue) => (await start(queue, 'wait-until')).result());
    expect(asked).toEqual(['once 1']);
  });

  test('looks once more when it is woken while the job ends', async () => {
    let advances = 0;
    const { activities } = scriptedActivities([], {
      advanceJob: async () => {
        advances += 1;
        if (advances === 1) await environment.client.workflow.getHandle('job:late').signal('wake');
        return { kind: 'END' };
      },
    });
    await withWorker(environment, activities, async (queue) => (await start(queue, 'late')).result());
    expect(advances).toBe(2);
  });

  test('waits for an export that somebody else has started', async () => {
    const written: string[] = [];
    const mayFinish = Promise.withResolvers<void>();
    const finished = Promise.withResolvers<void>();
    let advances = 0;
    const { activities } = scriptedActivities([], {
      advanceJob: async () => {
        advances += 1;
        if (advances === 1) return { kind: 'EXPORTS', exportIds: ['shared'] };
        // The look after the refused start.
        mayFinish.resolve();
        await finished.promise;
        return { kind: 'END' };
      },
      writeExport: async ({ exportId }) => {
        await mayFinish.promise;
        written.push(exportId);
        finished.resolve();
      },
    });
    await withWorker(environment, activities, async (taskQueue) => {
      await environment.client.workflow.start('createExport', {
        workflowId: 'export:shared',
        taskQueue,
        args: [{ exportId: 'shared' }],
      });
      await (await start(taskQueue, 'shared')).result();
    });
    expect(written).toEqual(['shared']);
  });

  test('tries a step again that an outage broke', async () => {
    let tries = 0;
    const { activities } = scriptedActivities([{ kind: 'ONCE', stage: 1, generation: 0 }], {
      runOnceStage: async () => {
        tries += 1;
        if (tries < 4) throw new Error('connection refused');
      },
    });
    await withWorker(environment, activities, async (queue) => (await start(queue, 'outage')).result());
    expect(tries).toBe(4);
  });
});

test('the purge goes on until nothing is left', async () => {
  let batches = 0;
  const { activities } = scriptedActivities([], { purgeJobs: async () => (batches += 1) === 5 });
  await withWorker(environment, activities, (taskQueue) =>
    environment.client.workflow.execute('purgeJobs', { workflowId: 'purge:x', taskQueue }),
  );
  expect(batches).toBe(5);
});

test('the maintenance goes on until nothing is left', async () => {
  let batches = 0;
  const { activities } = scriptedActivities([], { cleanUp: async () => (batches += 1) === 3 });
  await withWorker(environment, activities, (taskQueue) =>
    environment.client.workflow.execute('maintenance', { workflowId: 'maintenance:x', taskQueue }),
  );
  expect(batches).toBe(3);
});

describe('the history of a coordinator', () => {
  test('begins anew between two steps once it is long', async () => {
    const many = Array.from({ length: 175 }, (_, index) => index);
    const asked: (boolean | undefined)[] = [];
    const steps = [chunks(many, 1), chunks([175])];
    const { activities } = scriptedActivities([], {
      advanceJob: async ({ isNewCoordinator }) => {
        asked.push(isNewCoordinator);
        return steps.shift() ?? { kind: 'END' };
      },
    });
    const jobId = 'long';
    const runId = await withWorker(environment, activities, async (queue) => {
      const handle = await start(queue, jobId);
      await handle.result();
      return handle.firstExecutionRunId;
    });
    const [first, ...rest] = await countEvents(environment.client.workflow, `job:${jobId}`, runId);
    // Six for each chunk at most, and for the question what to do.
    expect(first).toBeLessThanOrEqual(6 * (many.length + 1) + 5);
    expect(rest).toHaveLength(1);
    expect(asked).toEqual([true, false, false]);
  });
});
