import type { TestWorkflowEnvironment } from '@temporalio/testing';
import { Worker } from '@temporalio/worker';
import { inject } from 'vitest';
import type { Activities, NextStep } from '../../src/domain/activities.ts';

/** Chunks that one run of a partition gets here. */
export const batchChunks = 5;

/** Activities that follow a script of steps, and remember what was asked of them. */
export function scriptedActivities(
  steps: NextStep[],
  overrides: Partial<Activities> = {},
): { asked: string[]; activities: Activities } {
  const asked: string[] = [];
  const activities: Activities = {
    advanceJob: async () => steps.shift() ?? { kind: 'END' },
    listOpenChunks: async ({ first, last }) => {
      const indexes = Array.from({ length: last - first + 1 }, (_, offset) => first + offset);
      return { indexes: indexes.slice(0, batchChunks), hasMore: indexes.length > batchChunks };
    },
    mayGoOn: async () => true,
    ingestItems: async ({ generation }) => {
      asked.push(`ingest ${generation}`);
      return 'DONE';
    },
    runChunk: async ({ stage, index }) => {
      asked.push(`chunk ${stage}/${index}`);
      return 'DONE';
    },
    runOnceStage: async ({ stage }) => void asked.push(`once ${stage}`),
    writeExport: async ({ exportId }) => void asked.push(`export ${exportId}`),
    purgeJobs: async () => true,
    cleanUp: async () => true,
    ...overrides,
  };
  return { asked, activities };
}

/** A worker with these activities, on a task queue of its own, for as long as `work` takes. */
export async function withWorker<T>(
  { nativeConnection: connection }: TestWorkflowEnvironment,
  activities: Activities,
  work: (taskQueue: string) => Promise<T>,
): Promise<T> {
  const taskQueue = `workflow-test-${Math.random()}`;
  const worker = await Worker.create({
    connection,
    taskQueue,
    workflowBundle: { codePath: inject('workflowBundlePath') },
    activities,
    // Cancellation travels with heartbeats.
    maxHeartbeatThrottleInterval: '10 ms',
    defaultHeartbeatThrottleInterval: '10 ms',
  });
  return await worker.runUntil(() => work(taskQueue));
}
