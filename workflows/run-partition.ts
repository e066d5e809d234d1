import { continueAsNew } from '@temporalio/workflow';
import type { ChunkRef, ChunkSpan, StepOutcome } from '../src/domain/activities.ts';
import { createChunkRunner, listOpenChunks } from './activities.ts';

export interface RunPartitionInput extends Omit<ChunkRef, 'index'>, ChunkSpan {
  taskPriority: number;
  fairnessWeight?: number | undefined;
}

/**
 * Runs the open chunks of one part of a stage, one after the other. So nothing is in flight when it continues as new, a slow
 * chunk holds up no other lane, and whatever it loses is found again in the database.
 */
export async function runPartition(input: RunPartitionInput): Promise<StepOutcome> {
  const { jobId, stage, generation, first, last } = input;
  const { runChunk, weight } = createChunkRunner(input);
  const { indexes, hasMore } = await listOpenChunks({ jobId, stage, generation, first, last });
  for (const index of indexes) {
    if ((await runChunk({ jobId, stage, generation, index })) === 'YIELDED') return 'YIELDED';
  }
  if (!hasMore) return 'DONE';
  const next = (indexes.at(-1) ?? last) + 1;
  return await continueAsNew<typeof runPartition>({ ...input, first: next, fairnessWeight: weight() });
}
