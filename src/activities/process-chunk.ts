import type { Pool, PoolClient } from 'pg';
import type { Logger } from 'pino';
import { accumulate, type AggregatedItem } from '../aggregates/accumulate.ts';
import type { AggregatePlan } from '../aggregates/aggregate-plan.ts';
import type { Database } from '../database/database.ts';
import { commitChunk, type ChunkCommit, type ItemResultRow } from '../database/sql/commit-chunk.ts';
import type { LockedChunk } from '../database/sql/lock-chunk.ts';
import { storeTries } from '../database/sql/store-tries.ts';
import type { ChunkRef, StepOutcome } from '../domain/activities.ts';
import { toError } from '../domain/errors.ts';
import { lockValueOf } from '../domain/lock-key.ts';
import type { ItemStage, StageContext, TransactionalItemStage } from '../job-types/define-job-type.ts';
import { getJobType } from '../job-types/registry.ts';
import { stagesToRun } from '../job-types/stages-to-run.ts';
import { createItemValidator } from '../job-types/validate-item.ts';
import { tripBreaker } from '../jobs/guard-rails/trip-breaker.ts';
import type { Metrics } from '../metrics/metrics.ts';
import type { RateLimiter } from '../limits/rate-limiter.ts';
import { openChunkLimits, type ChunkLimits } from './chunk-limits.ts';
import { endItems } from './end-items.ts';
import { readWork } from './read-work.ts';
import { missingOutcome, runItems, type EndedItem } from './run-items.ts';
import { SupersededError } from './superseded-error.ts';

/** A chunk that this attempt holds. */
export interface ClaimedChunk extends LockedChunk {
  /** Attempts before this one that did not hand it back. */
  broken: number;
}

export interface ProcessChunkDeps {
  database: Database;
  log: Logger;
  metrics: Metrics;
  rateLimiter: RateLimiter;
  /** Aborted when the job or the worker is to stop. */
  signal: AbortSignal;
}

/** Slow items are committed about this often, so that a crash repeats little and progress is seen. */
const commitEveryMs = 1_000;

interface ChunkRun {
  database: Database;
  metrics: Metrics;
  chunk: ChunkRef;
  claimed: ClaimedChunk;
  /** Only the last item stage ends items that succeed. */
  isLast: boolean;
  aggregatePlan: AggregatePlan;
  validate: ReturnType<typeof createItemValidator>;
  context: StageContext<unknown>;
  limits: ChunkLimits;
}

/** Processes what is left of a claimed chunk and commits it. @throws SupersededError when another attempt took it over */
export async function processChunk(
  { database, log, metrics, rateLimiter, signal }: ProcessChunkDeps,
  chunk: ChunkRef,
  claimed: ClaimedChunk,
): Promise<StepOutcome> {
  const jobType = getJobType(claimed.jobType);
  const stages = stagesToRun(jobType, claimed);
  const stage = stages.find(({ name }) => name === claimed.stageName);
  if (stage?.kind !== 'ITEMS' || stage.external)
    throw new Error(`Job type ${jobType.name} has no item stage ${claimed.stageName} any more.`);
  const isLast = stages.findLast(({ kind }) => kind === 'ITEMS') === stage;
  const limits = openChunkLimits({ rateLimiter, jobId: chunk.jobId, claimed, stage, mayHandBack: isLast, signal });
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
    },
  };
  // The registry hands out types whose schemas are known at run time only.
  const anyStage = stage as ItemStage<unknown, unknown, unknown> | TransactionalItemStage<unknown, unknown, unknown>;
  try {
    return anyStage.transactional ? await processInTransaction(run, anyStage) : await processInBatches(run, anyStage);
  } finally {
    limits.release();
  }
}

/** The job type's writes and the commit are one transaction. */
async function processInTransaction(
  run: ChunkRun,
  stage: TransactionalItemStage<unknown, unknown, unknown>,
): Promise<StepOutcome> {
  if (!(await run.limits.admit(run.claimed.remaining))) {
    await commit(run, run.database.pool, 'PENDING', []);
    return 'YIELDED';
  }
  const results = await run.database.transaction(async (client) => {
    const { work, refused } = await readWork(client, rangeOf(run), run.validate);
    const startedAt = performance.now();
    const outcomes = work.length > 0 ? await stage.process(work, { ...run.context, sql: client }) : [];
    const durationMs = Math.round((performance.now() - startedAt) / Math.max(work.length, 1));
    const ended = work.map((item, position) => ({ item, outcome: outcomes[position] ?? missingOutcome, durationMs }));
    return await commit(run, client, 'COMPLETED', [...refused, ...ended]);
  });
  await afterCommit(run, results);
  return 'DONE';
}

async function processInBatches(run: ChunkRun, stage: ItemStage<unknown, unknown, unknown>): Promise<StepOutcome> {
  const { pool } = run.database;
  const { lockKey } = run.claimed;
  const { work, refused } = await readWork(pool, rangeOf(run), run.validate);
  const buffer = createCommitBuffer(run, refused);
  const tries: Record<string, number> = { ...run.claimed.tries };
  // Items that only pass on have no row that says so: their chunk commits whole, at its end.
  const timer = run.isLast ? setInterval(buffer.commitPart, commitEveryMs) : undefined;
  try {
    await runItems({
      items: work,
      batchSize: stage.batchSize,
      concurrency: stage.concurrency,
      lockValueOf: lockKey === null ? undefined : ({ input }) => lockValueOf(input, lockKey),
      retry: stage.retry,
      process: (items) => stage.process(items, run.context),
      admit: run.limits.admit,
      onRetryable: async (again) => {
        for (const { item } of again) tries[item.index] = item.attempt + 1;
        await run.limits.noteFailures(again.map(({ error }) => error));
      },
      onEnded: (ended) => {
        for (const { item } of ended) delete tries[item.index];
        buffer.add(ended);
      },
      signal: run.limits.signal,
    });
  } finally {
    clearInterval(timer);
  }
  const isWhole = buffer.size() === work.length + refused.length;
  if (!isWhole) await storeTries(pool, run.chunk, run.claimed.attempt, tries);
  await buffer.commitRest(isWhole ? 'COMPLETED' : 'PENDING');
  return isWhole ? 'DONE' : 'YIELDED';
}

/** Gathers items as they end; its commits follow one another, and the first that fails fails the chunk. */
function createCommitBuffer(run: ChunkRun, refused: EndedItem<unknown>[]) {
  let ended = [...refused];
  let size = refused.length;
  let committing = Promise.resolve();
  let failure: Error | undefined;

  const take = () => {
    const taken = ended;
    ended = [];
    return taken;
  };

  return {
    size: () => size,
    add: (items: EndedItem<unknown>[]): void => {
      ended.push(...items);
      size += items.length;
    },
    commitPart: (): void => {
      if (ended.length === 0 || failure) return;
      const part = take();
      committing = committing
        .then(async () => await afterCommit(run, await commit(run, run.database.pool, 'RUNNING', part)))
        .catch((thrown: unknown) => {
          failure ??= toError(thrown);
        });
    },
    commitRest: async (next: 'PENDING' | 'COMPLETED'): Promise<void> => {
      await committing;
      if (failure) throw toError(failure);
      // What passed on in a chunk that is not whole leaves no trace, and is processed again.
      const rest = next === 'COMPLETED' || run.isLast ? take() : [];
      await afterCommit(run, await commit(run, run.database.pool, next, rest));
    },
  };
}

/** Stores what has ended, and says which of it are results: of a transaction they count once it is committed. */
async function commit(
  run: ChunkRun,
  client: Pool | PoolClient,
  next: ChunkCommit['next'],
  items: EndedItem<unknown>[],
): Promise<ItemResultRow[]> {
  const { chunk, claimed, isLast, metrics } = run;
  const ended = endItems(items, isLast);
  const parts = isLast ? accumulate(run.aggregatePlan, succeeded(items)) : [];
  const stored = metrics.commitStarted();
  const committed = await commitChunk(client, { chunk, attempt: claimed.attempt, next, ...ended, parts });
  stored();
  if (!committed) throw new SupersededError(`chunk ${chunk.index} of job ${chunk.jobId}`, claimed.attempt);
  return ended.results;
}

function succeeded(items: EndedItem<unknown>[]): AggregatedItem[] {
  return items.flatMap(({ item, outcome }) =>
    outcome.state === 'SUCCEEDED' ? [{ input: item.input, output: outcome.output }] : [],
  );
}

async function afterCommit(
  { database, metrics, chunk, claimed }: ChunkRun,
  results: readonly ItemResultRow[],
): Promise<void> {
  metrics.itemsEnded(
    claimed.jobType,
    results.map(({ state }) => state),
  );
  const hasFailures = results.some(({ state }) => state === 'FAILED');
  if (claimed.isGuarded && hasFailures) await tripBreaker(database, chunk.jobId);
}

function rangeOf({ chunk, claimed }: ChunkRun) {
  const { firstItem, lastItem, itemList, tries } = claimed;
  return { jobId: chunk.jobId, firstItem, lastItem, itemList, tries };
}
