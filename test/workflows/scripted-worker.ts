import type { TestWorkflowEnvironment } from '@temporalio/testing';
import { Worker } from '@temporalio/worker';
import { inject } from 'vitest';
import type { Activities } from '../../src/domain/activities.ts';

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
