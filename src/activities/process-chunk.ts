import type { Pool, PoolClient } from 'pg';
import type { Logger } from 'pino';
import { accumulate } from '../aggregates/accumulate.ts';
import type { AggregatePlan } from '../aggregates/aggregate-plan.ts';
import type { Database } from '../database/database.ts';
import { commitChunk, type ChunkCommit, type ItemResultRow } from '../database/sql/commit-chunk.ts';
import type { LockedChunk } from '../database/sql/lock-chunk.ts';
import { storeTries } from '../database/sql/store-tries.ts';
import type { ChunkRef, StepOutcome } from '../domain/activities.ts';
import { toError } from '../domain/errors.ts';
import { lockValueOf } from '../domain/lock-key.ts';
import type {
  FileStageContext,
  ItemStage,
  StageContext,
  TransactionalItemStage,
} from '../job-types/define-job-type.ts';
import { makesFiles } from '../job-types/makes-files.ts';
import { readOptions } from '../job-types/read-options.ts';
import { getJobType } from '../job-types/registry.ts';
import { stagesToRun } from '../job-types/stages-to-run.ts';
import { createItemValidator } from '../job-types/validate-item.ts';
import { tripBreaker } from '../jobs/guard-rails/trip-breaker.ts';
import type { Metrics } from '../metrics/metrics.ts';
import type { RateLimiter } from '../limits/rate-limiter.ts';
import type { FileStores } from '../item-files/file-stores.ts';
import type { Providers } from '../providers/providers.ts';
import type { WorkRoot } from '../providers/process/work-root.ts';
import type { Storage } from '../storage/storage.ts';
import { assertSmallData, type ChunkFiles } from './chunk-files.ts';
import { openChunkLimits, type ChunkLimits } from './chunk-limits.ts';
import { endItems, joinEnded, type Ended } from './end-items.ts';
import { readWork } from './read-work.ts';
import { missingOutcome, runItems, type EndedItem } from './run-items.ts';
import { openSlowItems, quickItems } from './slow-items.ts';
import { SupersededError } from './superseded-error.ts';

/** A chunk that this attempt holds. */
export interface ClaimedChunk extends LockedChunk {
  /** Attempts before this one that did not hand it back. */
  broken: number;
}

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

/** Slow items are committed about this often, so that a crash repeats little and progress is seen. */
const commitEveryMs = 1_000;
/** The same for large outputs, of which a commit holds so much text; Postgres takes at most 256 MB of them. */
const maxCharacters = 32 * 1_048_576;

interface ChunkRun {
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

/** The job type's writes and the commit are one transaction; a job with a rate of its own has several, one after the other. */
async function processInTransaction(
  run: ChunkRun,
  stage: TransactionalItemStage<unknown, unknown, unknown>,
): Promise<StepOutcome> {
  // Items that only pass on have no row that says so: their chunk commits whole.
  const size = run.isLast ? run.limits.mostAtOnce : Infinity;
  for (let left = run.claimed.remaining; ; left -= size) {
    if (!(await run.limits.admit(Math.min(left, size)))) {
      await commitAlone(run, 'PENDING', gather(run, []));
      return 'YIELDED';
    }
    const limit = size < left ? size : undefined;
    await afterCommit(run, await run.database.transaction((client) => processPart(run, stage, { client, limit })));
    if (limit === undefined) return 'DONE';
  }
}

/** @param part without a limit it is the last, and ends the chunk */
async function processPart(
  run: ChunkRun,
  stage: TransactionalItemStage<unknown, unknown, unknown>,
  { client, limit }: { client: PoolClient; limit: number | undefined },
): Promise<ItemResultRow[]> {
  const { work, refused } = await readWork(client, { ...rangeOf(run), limit }, run.validate);
  const startedAt = performance.now();
  const outcomes = work.length > 0 ? await stage.process(work, { ...run.context, sql: client }) : [];
  const durationMs = Math.round((performance.now() - startedAt) / Math.max(work.length, 1));
  const ended = work.map((item, position) => ({ item, outcome: outcomes[position] ?? missingOutcome, durationMs }));
  return await commitAndSettle(
    run,
    client,
    limit === undefined ? 'COMPLETED' : 'RUNNING',
    gather(run, [...refused, ...ended]),
  );
}

async function processInBatches(run: ChunkRun, stage: ItemStage<unknown, unknown, unknown>): Promise<StepOutcome> {
  const { pool } = run.database;
  const { lockKey } = run.claimed;
  const { work: read, refused } = await readWork(pool, rangeOf(run), run.validate);
  const work = run.files ? await run.files.bring(read, run.claimed) : read;
  const buffer = createCommitBuffer(run, refused);
  const tries: Record<string, number> = { ...run.claimed.tries };
  // Items that only pass on have no row that says so: their chunk commits whole, at its end.
  const timer = run.isLast ? setInterval(buffer.commitPart, commitEveryMs) : undefined;
  try {
    await runItems({
      items: work,
      batchSize: Math.min(stage.batchSize, run.limits.mostAtOnce),
      concurrency: stage.concurrency,
      lockValueOf: lockKey === null ? undefined : ({ input }) => lockValueOf(input, lockKey),
      retry: stage.retry,
      process: async (items) => {
        const outcomes = await stage.process(items, run.context);
        if (run.files) assertSmallData(outcomes);
        await run.told();
        return outcomes;
      },
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

/** What waits for a commit: as rows, and the items themselves where they may have files. */
interface Gathered {
  ended: Ended;
  items: EndedItem<unknown>[];
}

function gather(run: ChunkRun, items: EndedItem<unknown>[]): Gathered {
  return { ended: endItems(items, run.isLast), items: run.files ? items : [] };
}

function join(gathered: Gathered, more: Gathered): Gathered {
  return { ended: joinEnded(gathered.ended, more.ended), items: [...gathered.items, ...more.items] };
}

/** Gathers items as they end; its commits follow one another, and the first that fails fails the chunk. */
function createCommitBuffer(run: ChunkRun, refused: EndedItem<unknown>[]) {
  let gathered = gather(run, refused);
  let size = refused.length;
  let committing = Promise.resolve();
  let failure: Error | undefined;

  const take = () => {
    const taken = gathered;
    gathered = gather(run, []);
    return taken;
  };

  const commitPart = (): void => {
    if (gathered.ended.results.length === 0 || failure) return;
    const part = take();
    committing = committing
      .then(async () => await afterCommit(run, await commitAlone(run, 'RUNNING', part)))
      .catch((thrown: unknown) => {
        failure ??= toError(thrown);
      });
  };

  return {
    size: () => size,
    add: (items: EndedItem<unknown>[]): void => {
      size += items.length;
      try {
        gathered = join(gathered, gather(run, items));
      } catch (thrown) {
        failure ??= toError(thrown);
      }
      if (run.isLast && gathered.ended.characters > maxCharacters) commitPart();
    },
    commitPart,
    commitRest: async (next: 'PENDING' | 'COMPLETED'): Promise<void> => {
      await committing;
      if (failure) throw toError(failure);
      // What passed on in a chunk that is not whole leaves no trace, and is processed again.
      const rest = next === 'COMPLETED' || run.isLast ? take() : gather(run, []);
      await afterCommit(run, await commitAlone(run, next, rest));
    },
  };
}

async function commitAlone(run: ChunkRun, next: ChunkCommit['next'], gathered: Gathered): Promise<ItemResultRow[]> {
  // One statement is a transaction of itself; files and what is passed on are others.
  if (!run.files) return await commit(run, run.database.pool, next, gathered.ended);
  return await run.database.transaction((client) => commitAndSettle(run, client, next, gathered));
}

async function commitAndSettle(
  run: ChunkRun,
  client: PoolClient,
  next: ChunkCommit['next'],
  { ended, items }: Gathered,
): Promise<ItemResultRow[]> {
  const results = await commit(run, client, next, ended);
  await run.files?.settle(client, items, indexesOf(results));
  return results;
}

function indexesOf(results: readonly ItemResultRow[]): number[] {
  return results.map(({ index }) => index);
}

/** Stores what has ended, and says which of it are results: of a transaction they count once it is committed. */
async function commit(
  run: ChunkRun,
  client: Pool | PoolClient,
  next: ChunkCommit['next'],
  { results, passed, succeeded }: Ended,
): Promise<ItemResultRow[]> {
  const { chunk, claimed, metrics } = run;
  const parts = accumulate(run.aggregatePlan, succeeded);
  const stored = metrics.commitStarted();
  const committed = await commitChunk(client, { chunk, attempt: claimed.attempt, next, results, passed, parts });
  stored();
  if (!committed) throw new SupersededError(`chunk ${chunk.index} of job ${chunk.jobId}`, claimed.attempt);
  return results;
}

async function afterCommit(
  { database, metrics, chunk, claimed, files }: ChunkRun,
  results: readonly ItemResultRow[],
): Promise<void> {
  metrics.itemsEnded(
    claimed.jobType,
    results.map(({ state }) => state),
  );
  const hasFailures = results.some(({ state }) => state === 'FAILED');
  if (claimed.isGuarded && hasFailures) await tripBreaker(database, chunk.jobId);
  await files?.deleteUnneeded(indexesOf(results));
}

function rangeOf({ chunk, claimed }: ChunkRun) {
  const { firstItem, lastItem, itemList, tries } = claimed;
  return { jobId: chunk.jobId, firstItem, lastItem, itemList, tries };
}
