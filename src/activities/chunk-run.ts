import type { AggregatePlan } from '../aggregates/aggregate-plan.ts';
import type { Database } from '../database/database.ts';
import type { LockedChunk } from '../database/sql/lock-chunk.ts';
import type { ChunkRef } from '../domain/activities.ts';
import type { FileStageContext, StageContext } from '../job-types/define-job-type.ts';
import type { createItemValidator } from '../job-types/validate-item.ts';
import type { Metrics } from '../metrics/metrics.ts';
import type { ChunkFiles } from './chunk-files.ts';
import type { ChunkLimits } from './chunk-limits.ts';

/** A chunk that this attempt holds. */
export interface ClaimedChunk extends LockedChunk {
  /** Attempts before this one that did not hand it back. */
  broken: number;
}

/** One attempt at a chunk: what its items are run with and committed by. */
export interface ChunkRun {
  database: Database;
  metrics: Metrics;
  chunk: ChunkRef;
  claimed: ClaimedChunk;
  /** Only the last item stage ends items that succeed. */
  isLast: boolean;
  aggregatePlan: AggregatePlan;
  validate: ReturnType<typeof createItemValidator>;
  context: StageContext<unknown> & FileStageContext;
  limits: ChunkLimits;
  /** Null in a job that makes none. */
  files: ChunkFiles | null;
  /** Settles when what was told of the items will not be lost by their end. */
  told(): Promise<void>;
}

/** What of its job the chunk holds, for `readWork`. */
export function membersOf({ chunk, claimed }: ChunkRun) {
  const { firstItem, lastItem, itemList, tries } = claimed;
  return { jobId: chunk.jobId, firstItem, lastItem, itemList, tries };
}
