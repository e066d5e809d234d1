import { ActivityCancellationType, proxyActivities, workflowInfo, type ActivityOptions } from '@temporalio/workflow';
import type { Activities, ChunkRef, StepOutcome } from '../src/domain/activities.ts';
import { stepsQueueOf, taskQueueOf, type WorkerKind } from '../src/domain/worker-kind.ts';

/**
 * Every activity reports each second that it is alive; ten seconds of silence mean that its worker is dead. An outage of
 * Postgres may last hours: activities are tried until it is over, at most 10 s apart, and decide themselves when to give up.
 */
const options = {
  startToCloseTimeout: '24 hours',
  heartbeatTimeout: '10 s',
  retry: { initialInterval: '500 ms', backoffCoefficient: 2, maximumInterval: '10 s' },
} satisfies ActivityOptions;

export const { cleanUp, purgeJobs, writeBack, writeExport } = proxyActivities<Activities>(options);

/** What is over at once takes the next slot that is free: whole jobs wait for it. */
const first = { priorityKey: 1 };
export const advanceJob: Activities['advanceJob'] = (input) => steps(first).advanceJob(input);
export const listOpenChunks: Activities['listOpenChunks'] = (input) => steps(first).listOpenChunks(input);
export const mayGoOn: Activities['mayGoOn'] = (input) => steps(first).mayGoOn(input);
export const runOnceStage: Activities['runOnceStage'] = (input) => steps(first).runOnceStage(input);
export const ingestItems: Activities['ingestItems'] = (input) => steps().ingestItems(input);

/** Steps have slots of their own, so that those of a small job do not wait for chunks of a large one. */
function steps(priority?: ActivityOptions['priority']) {
  const taskQueue = stepsQueueOf(workflowInfo().taskQueue);
  return proxyActivities<Activities>({ ...options, priority, taskQueue });
}

/** Whose turn a chunk takes on a worker. */
export interface ChunkTurn {
  jobId: string;
  /** 1 (first) to 5. */
  taskPriority: number;
  /** Share of its job beside others of the same priority. Default 1. */
  fairnessWeight?: number | undefined;
}

/** Runs chunks of one job. */
export interface ChunkRunner {
  /** Share of the job as its last chunk answered it. */
  weight(): number;
  runChunk(chunk: ChunkRef, worker: WorkerKind): Promise<StepOutcome>;
}

/**
 * Jobs of one priority take turns, so that a small one does not wait for what large ones have waiting; the weight of a job follows what
 * its chunks answer, as others come and go.
 */
export function createChunkRunner({ jobId, taskPriority, fairnessWeight = 1 }: ChunkTurn): ChunkRunner {
  let weight = fairnessWeight;
  return {
    weight: () => weight,
    runChunk: async (chunk, worker) => {
      const priority = { priorityKey: taskPriority, fairnessKey: jobId, fairnessWeight: weight };
      const outcome = await chunkActivities({ priority, worker }).runChunk(chunk);
      if (typeof outcome === 'string') return outcome;
      weight = outcome.fairnessWeight;
      return 'DONE';
    },
  };
}

function chunkActivities({ priority, worker }: { priority: ActivityOptions['priority']; worker: WorkerKind }) {
  if (worker === 'DEFAULT') return proxyActivities<Activities>({ ...options, priority });
  const taskQueue = taskQueueOf(workflowInfo().taskQueue, worker);
  // Nothing of it may be running when its job is paused.
  const cancellationType = ActivityCancellationType.WAIT_CANCELLATION_COMPLETED;
  return proxyActivities<Activities>({ ...options, priority, taskQueue, cancellationType });
}
