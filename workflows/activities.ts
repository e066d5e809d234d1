import { ActivityCancellationType, proxyActivities, workflowInfo, type ActivityOptions } from '@temporalio/workflow';
import type { Activities } from '../src/domain/activities.ts';
import { taskQueueOf, type WorkerKind } from '../src/domain/worker-kind.ts';

/**
 * Every activity reports each second that it is alive; ten seconds of silence mean that its worker is dead. An outage of
 * Postgres may last hours: activities are tried until it is over, at most 10 s apart, and decide themselves when to give up.
 */
const options = {
  startToCloseTimeout: '24 hours',
  heartbeatTimeout: '10 s',
  retry: { initialInterval: '500 ms', backoffCoefficient: 2, maximumInterval: '10 s' },
} satisfies ActivityOptions;

/** Steps are few and short, and all of a job waits for them: they take the next free slot, before any chunk. */
export const { advanceJob, listOpenChunks, runOnceStage } = proxyActivities<Activities>({
  ...options,
  priority: { priorityKey: 1 },
});

export const { cleanUp, ingestItems, mayGoOn, purgeJobs, writeBack, writeExport } =
  proxyActivities<Activities>(options);

/** Whose turn a chunk takes on a worker. */
export interface ChunkTurn {
  jobId: string;
  /** 1 (first) to 5. */
  taskPriority: number;
  /** Share of its job beside others of the same priority. Default 1. */
  fairnessWeight?: number | undefined;
}

/** Chunks of one job. Jobs of one priority take turns, so that a small one does not wait for what large ones have waiting. */
export function chunkActivities({
  jobId,
  taskPriority,
  fairnessWeight = 1,
  worker = 'DEFAULT',
}: ChunkTurn & { worker?: WorkerKind }): Pick<Activities, 'runChunk'> {
  const priority = { priorityKey: taskPriority, fairnessKey: jobId, fairnessWeight };
  if (worker === 'DEFAULT') return proxyActivities<Activities>({ ...options, priority });
  const taskQueue = taskQueueOf(workflowInfo().taskQueue, worker);
  // Nothing of it may be running when its job is paused.
  const cancellationType = ActivityCancellationType.WAIT_CANCELLATION_COMPLETED;
  return proxyActivities<Activities>({ ...options, priority, taskQueue, cancellationType });
}
