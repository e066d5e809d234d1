import type { Logger } from 'pino';
import type { Database } from '../database/database.ts';
import type { ChunkRef, StepOutcome } from '../domain/activities.ts';
import type { ItemStage, TransactionalItemStage } from '../job-types/define-job-type.ts';
import { makesFiles } from '../job-types/makes-files.ts';
import { readOptions } from '../job-types/read-options.ts';
import { getJobType } from '../job-types/registry.ts';
import { stagesToRun } from '../job-types/stages-to-run.ts';
import { createItemValidator } from '../job-types/validate-item.ts';
import type { FileStores } from '../item-files/file-stores.ts';
import type { RateLimiter } from '../limits/rate-limiter.ts';
import type { Metrics } from '../metrics/metrics.ts';
import type { WorkRoot } from '../providers/process/work-root.ts';
import type { Providers } from '../providers/providers.ts';
import type { Storage } from '../storage/storage.ts';
import { openChunkLimits } from './chunk-limits.ts';
import type { ChunkRun, ClaimedChunk } from './chunk-run.ts';
import { processInBatches } from './process-in-batches.ts';
import { processInTransaction } from './process-in-transaction.ts';
import { openSlowItems, quickItems } from './slow-items.ts';

export interface ProcessChunkDeps {
  database: Database;
  storage: Storage;
  stores: FileStores;
  providers: Providers;
  workRoot: WorkRoot;
  log: Logger;
  metrics: Metrics;
  rateLimiter: RateLimiter;
  /** Aborted when the job or the worker is to stop. */
  signal: AbortSignal;
}

/** Processes what is left of a claimed chunk and commits it. @throws SupersededError when another attempt took it over */
export async function processChunk(
  deps: ProcessChunkDeps,
  chunk: ChunkRef,
  stored: ClaimedChunk,
): Promise<StepOutcome> {
  const { database, log, metrics, rateLimiter, signal } = deps;
  const jobType = getJobType(stored.jobType);
  const claimed = { ...stored, options: readOptions(jobType, stored.options) };
  const stages = stagesToRun(jobType, claimed);
  const stage = stages.find(({ name }) => name === claimed.stageName);
  if (stage?.kind !== 'ITEMS' || stage.external)
    throw new Error(`Job type ${jobType.name} has no item stage ${claimed.stageName} any more.`);
  const isLast = stages.findLast(({ kind }) => kind === 'ITEMS') === stage;
  const slow = makesFiles({ type: claimed.jobType, options: claimed.options })
    ? openSlowItems({ ...deps, projectId: claimed.projectId, chunk, attempt: claimed.attempt, stage: stage.name })
    : null;
  const limits = openChunkLimits({
    rateLimiter,
    jobId: chunk.jobId,
    claimed,
    stage,
    mayHandBack: isLast || slow !== null,
    signal,
  });
  const run: ChunkRun = {
    database,
    metrics,
    chunk,
    claimed,
    isLast,
    limits,
    aggregatePlan: jobType.aggregatePlan,
    validate: createItemValidator(jobType, 'MODERATE'),
    context: {
      jobId: chunk.jobId,
      projectId: claimed.projectId,
      options: claimed.options,
      generation: chunk.generation,
      signal,
      log: log.child({ job_id: chunk.jobId, chunk: chunk.index, attempt: claimed.attempt }),
      ...(slow?.context ?? quickItems),
    },
    files: slow?.files ?? null,
    told: slow?.told ?? (async () => undefined),
  };
  // The registry hands out types whose schemas are known at run time only.
  const anyStage = stage as ItemStage<unknown, unknown, unknown> | TransactionalItemStage<unknown, unknown, unknown>;
  try {
    return anyStage.transactional ? await processInTransaction(run, anyStage) : await processInBatches(run, anyStage);
  } finally {
    limits.release();
    await slow?.close();
  }
}
