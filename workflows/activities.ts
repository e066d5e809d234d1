import { proxyActivities, type ActivityOptions } from '@temporalio/workflow';
import type { Activities, ChunkRef, StepOutcome } from '../src/domain/activities.ts';

/**
 * Every activity reports each second that it is alive; ten seconds of silence mean that its worker is dead. An outage of
 * Postgres may last hours: activities are tried until it is over, at most 10 s apart, and decide themselves when to give up.
 */
const options = {
  startToCloseTimeout: '24 hours',
  heartbeatTimeout: '10 s',
  retry: { initialInterval: '500 ms', backoffCoefficient: 2, maximumInterval: '10 s' },
} satisfies ActivityOptions;

export const { advanceJob, cleanUp, ingestItems, listOpenChunks, runOnceStage, writeExport, purgeJobs } =
  proxyActivities<Activities>(options);

/** Whose turn a chunk takes on a worker. */
export interface ChunkTurn {
  jobId: string;
  /** 1 (first) to 5. */
  taskPriority: number;
  /** Share of its job beside others of the same priority. Default 1. */
  fairnessWeight?: number | undefined;
}

/**
 * Runs chunks of one job. Jobs of one priority take turns, so that a small one does not wait for what large ones have waiting; the weight
 * of the job follows what its chunks answer, as others come and go.
 */
export function createChunkRunner({ jobId, taskPriority, fairnessWeight = 1 }: ChunkTurn) {
  let weight = fairnessWeight;
  return {
    weight: (): number => weight,
    runChunk: async (chunk: ChunkRef): Promise<StepOutcome> => {
      const priority = { priorityKey: taskPriority, fairnessKey: jobId, fairnessWeight: weight };
      const outcome = await proxyActivities<Activities>({ ...options, priority }).runChunk(chunk);
      if (typeof outcome === 'string') return outcome;
      weight = outcome.fairnessWeight;
      return 'DONE';
    },
  };
}
