import type { TestWorkflowEnvironment } from '@temporalio/testing';
import { Worker } from '@temporalio/worker';
import { inject } from 'vitest';
import type { Activities } from '../../src/domain/activities.ts';
import { stepsQueueOf } from '../../src/domain/worker-kind.ts';

/** Workers with these activities, on task queues of their own, for as long as `work` takes. */
export async function withWorker<T>(
  { nativeConnection: connection }: TestWorkflowEnvironment,
  activities: Activities,
  work: (taskQueue: string) => Promise<T>,
): Promise<T> {
  const taskQueue = `workflow-test-${Math.random()}`;
  const options = {
    connection,
    activities,
    // Cancellation travels with heartbeats.
    maxHeartbeatThrottleInterval: '10 ms',
    defaultHeartbeatThrottleInterval: '10 ms',
  } as const;
  const workflowBundle = { codePath: inject('workflowBundlePath') };
  const worker = await Worker.create({ ...options, taskQueue, workflowBundle });
  const steps = await Worker.create({ ...options, taskQueue: stepsQueueOf(taskQueue) });
  return await steps.runUntil(() => worker.runUntil(() => work(taskQueue)));
}
