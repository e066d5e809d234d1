import { continueAsNew } from '@temporalio/workflow';
import type { ChunkRef, ChunkSpan, StepOutcome } from '../src/domain/activities.ts';
import { chunkActivities, listOpenChunks } from './activities.ts';

export interface RunPartitionInput extends Omit<ChunkRef, 'index'>, ChunkSpan {
  taskPriority: number;
  fairnessWeight?: number | undefined;
}

/**
 * Runs the open chunks of one part of a stage, one after the other. So nothing is in flight when it continues as new, a slow
 * chunk holds up no other lane, and whatever it loses is found again in the database.
 */
export async function runPartition(input: RunPartitionInput): Promise<StepOutcome> {
  const { taskPriority, fairnessWeight, first, last, ...stage } = input;
  const { runChunk } = chunkActivities(input);
  const { indexes, hasMore } = await listOpenChunks({ ...stage, first, last });
  for (const index of indexes) {
    if ((await runChunk({ ...stage, index })) === 'YIELDED') return 'YIELDED';
  }
  if (!hasMore) return 'DONE';
  const next = (indexes.at(-1) ?? last) + 1;
  return await continueAsNew<typeof runPartition>({ ...input, first: next });
}
