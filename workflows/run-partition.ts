import { continueAsNew } from '@temporalio/workflow';
import type { ChunkRef, ChunkSpan, LaneStage, StepOutcome } from '../src/domain/activities.ts';
import { createChunkRunner, listOpenChunks } from './activities.ts';
import { createLaneRunner } from './run-in-lane.ts';

export interface RunPartitionInput extends Omit<ChunkRef, 'index'>, ChunkSpan {
  taskPriority: number;
  fairnessWeight?: number | undefined;
  lane?: LaneStage[] | undefined;
}

/**
 * Runs the open chunks of one part of a stage, one after the other. So nothing is in flight when it continues as new, a slow
 * chunk holds up no other lane, and whatever it loses is found again in the database.
 */
export async function runPartition(input: RunPartitionInput): Promise<StepOutcome> {
  const { jobId, generation, first, last } = input;
  // A chunk is open until the last stage of its lane is done with it.
  const stage = input.lane?.at(-1)?.stage ?? input.stage;
  const { indexes, hasMore } = await listOpenChunks({ jobId, stage, generation, first, last });
  // Its coordinator cancels it when it is not to wait for workers any longer.
  const isCalledOff = () => false;
  const chunks = createChunkRunner(input);
  const runInLane = createLaneRunner(chunks, input, isCalledOff);
  for (const index of indexes) {
    if ((await runInLane(index)) === 'YIELDED') return 'YIELDED';
  }
  if (!hasMore) return 'DONE';
  const next = (indexes.at(-1) ?? last) + 1;
  return await continueAsNew<typeof runPartition>({ ...input, first: next, fairnessWeight: chunks.weight() });
}
