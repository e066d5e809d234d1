import type { PoolClient } from 'pg';
import type { Logger } from 'pino';
import type { Database } from '../database/database.ts';
import { isOutage } from '../database/is-outage.ts';
import { claimChunk } from '../database/sql/claim-chunk.ts';
import { commitChunk, type ItemResultRow } from '../database/sql/commit-chunk.ts';
import { failChunk } from '../database/sql/fail-chunk.ts';
import { lockChunk, type LockedChunk } from '../database/sql/lock-chunk.ts';
import { readChunkItems } from '../database/sql/read-chunk-items.ts';
import { releaseChunk } from '../database/sql/release-chunk.ts';
import type { ChunkRef, StepOutcome } from '../domain/activities.ts';
import { toError } from '../domain/errors.ts';
import { fingerprint } from '../domain/fingerprint.ts';
import type { ItemOutcome, ItemStage, StageContext, TransactionalItemStage, WorkItem } from '../job-types/define-job-type.ts';
import { toInvalidItem } from '../job-types/invalid-item.ts';
import { getJobType } from '../job-types/registry.ts';
import { createItemValidator } from '../job-types/validate-item.ts';
import type { JobWatch } from './job-watch.ts';
import { runItems, type EndedItem } from './run-items.ts';
import { SupersededError } from './superseded-error.ts';

export interface RunChunkDeps {
  database: Database;
  jobWatch: JobWatch;
  log: Logger;
}

export interface ChunkTask {
  chunk: ChunkRef;
  /** Names the attempt to people: Temporal's activity and run. */
  taskId: string;
  /** Aborted when the worker shuts down. */
  signal: AbortSignal;
}

/** A worker that is going down hands its chunk back; Temporal gives it to another at once. */
export class HandedBackError extends Error {}

/** After so many attempts a chunk is taken for one that kills its worker. */
const maxAttempts = 10;
/** An attempt after which an error that is no outage is taken for permanent. */
const maxFailingAttempts = 3;
/** Slow items are committed about this often, so that a crash repeats little and progress is seen. */
const commitEveryMs = 1_000;

type Claimed = LockedChunk & { attempt: number };
type AnyItemStage = ItemStage<unknown, unknown, unknown> | TransactionalItemStage<unknown, unknown, unknown>;

/** Runs one chunk: claim, read the items that have not ended, process, commit. Any of it may be repeated at any time. */
export async function runChunk(deps: RunChunkDeps, task: ChunkTask): Promise<StepOutcome> {
  const claimed = await claim(deps, task);
  if (typeof claimed === 'string') return claimed;
  const watch = deps.jobWatch.watch(task.chunk.jobId);
  try {
    return await process(deps, task, claimed, watch.signal);
  } catch (thrown) {
    const error = toError(thrown);
    if (error instanceof HandedBackError || isOutage(error) || claimed.attempt < maxFailingAttempts) throw error;
    await giveUp(deps, task.chunk, claimed, error.message);
    return 'DONE';
  } finally {
    watch.release();
  }
}

async function claim(deps: RunChunkDeps, { chunk, taskId }: ChunkTask): Promise<Claimed | StepOutcome> {
  return await deps.database.transaction(async (client): Promise<Claimed | StepOutcome> => {
    const locked = await lockChunk(client, chunk);
    if (!locked || (locked.state !== 'PENDING' && locked.state !== 'RUNNING')) return 'DONE';
    if (locked.jobState !== 'RUNNING') {
      await releaseChunk(client, chunk);
      return 'YIELDED';
    }
    const claimed = await claimChunk(client, chunk, taskId);
    if (!claimed) return 'YIELDED';
    if (claimed.attempt <= maxAttempts) return { ...locked, attempt: claimed.attempt };
    await failClaimed(client, chunk, claimed.attempt, `The chunk was given up after ${maxAttempts} attempts whose worker died.`);
    return 'DONE';
  });
}

async function process(deps: RunChunkDeps, task: ChunkTask, claimed: Claimed, jobSignal: AbortSignal): Promise<StepOutcome> {
  const jobType = getJobType(claimed.jobType);
  const stage = jobType.stages.find(({ name }) => name === claimed.stageName);
  if (stage?.kind !== 'ITEMS') throw new Error(`Job type ${jobType.name} has no item stage ${claimed.stageName} any more.`);
  const isLast = jobType.stages.findLast(({ kind }) => kind === 'ITEMS') === stage;
  const run: ChunkRun = {
    deps,
    task,
    claimed,
    isLast,
    validate: createItemValidator(jobType, 'MODERATE'),
    context: {
      jobId: task.chunk.jobId,
      projectId: claimed.projectId,
      options: claimed.options,
      generation: task.chunk.generation,
      signal: AbortSignal.any([jobSignal, task.signal]),
      log: deps.log.child({ job_id: task.chunk.jobId, chunk: task.chunk.index, attempt: claimed.attempt }),
    },
  };
  const anyStage = stage as AnyItemStage; // The registry hands out types whose schemas are known at run time only.
  const outcome = anyStage.transactional ? await runInTransaction(run, anyStage) : await runInBatches(run, anyStage);
  if (outcome === 'YIELDED' && task.signal.aborted) throw new HandedBackError('The worker is shutting down; the chunk is handed back.');
  return outcome;
}

interface ChunkRun {
  deps: RunChunkDeps;
  task: ChunkTask;
  claimed: Claimed;
  /** Only the last item stage ends items that succeed. */
  isLast: boolean;
  validate: ReturnType<typeof createItemValidator>;
  context: StageContext<unknown>;
}

/** The job type's writes and the commit are one transaction. */
async function runInTransaction(run: ChunkRun, stage: TransactionalItemStage<unknown, unknown, unknown>): Promise<StepOutcome> {
  const { task, claimed, context } = run;
  return await run.deps.database.transaction(async (client) => {
    const { work, refused } = await readWork(run, client);
    const startedAt = performance.now();
    const outcomes = work.length > 0 ? await stage.process(work, { ...context, sql: client }) : [];
    const durationMs = Math.round((performance.now() - startedAt) / Math.max(work.length, 1));
    const ended = work.map((item, position) => ({ item, outcome: outcomes[position] ?? noOutcome(item), durationMs }));
    const committed = await commitChunk(client, { chunk: task.chunk, attempt: claimed.attempt, next: 'COMPLETED', ...toRows(run, [...refused, ...ended]) });
    // Another attempt holds the chunk: what was written here must not stay.
    if (!committed) throw new SupersededError(`chunk ${task.chunk.index} of job ${task.chunk.jobId}`, claimed.attempt);
    return 'DONE' as const;
  }).catch(ignoreSuperseded);
}

async function runInBatches(run: ChunkRun, stage: ItemStage<unknown, unknown, unknown>): Promise<StepOutcome> {
  const { deps, task, claimed, context } = run;
  const { work, refused } = await readWork(run, deps.database.pool);
  const buffer: EndedItem<unknown>[] = [...refused];
  let ended = refused.length;
  let superseded = false;
  let committing = Promise.resolve();

  const commit = (next: 'RUNNING' | 'PENDING' | 'COMPLETED') => {
    committing = committing.then(async () => {
      if (superseded || (next === 'RUNNING' && buffer.length === 0)) return;
      const rows = toRows(run, buffer.splice(0));
      superseded = !(await commitChunk(deps.database.pool, { chunk: task.chunk, attempt: claimed.attempt, next, ...rows }));
    });
    return committing;
  };
  // Items that only pass on have no row that says so: their chunk commits at its end, whole.
  let failedCommit: Error | null = null;
  const timer = run.isLast ? setInterval(() => void commit('RUNNING').catch((thrown: unknown) => (failedCommit = toError(thrown))), commitEveryMs) : undefined;
  try {
    await runItems({
      items: work,
      batchSize: stage.batchSize,
      concurrency: stage.concurrency,
      retry: stage.retry,
      process: (items) => stage.process(items, context),
      onEnded: (items) => {
        ended += items.length;
        buffer.push(...items);
      },
      signal: context.signal,
    });
  } finally {
    clearInterval(timer);
  }
  if (failedCommit !== null) throw failedCommit;
  const isWhole = ended === work.length + refused.length;
  if (!isWhole && !run.isLast) buffer.length = 0;
  await commit(isWhole ? 'COMPLETED' : 'PENDING');
  return isWhole ? 'DONE' : 'YIELDED';
}

/** Items that do not fit their schema, as after a redrive of bad rows, fail without being run. */
async function readWork(
  run: ChunkRun,
  client: Parameters<typeof readChunkItems>[0],
): Promise<{ work: WorkItem<unknown>[]; refused: EndedItem<unknown>[] }> {
  const { firstItem, lastItem } = run.claimed;
  const work: WorkItem<unknown>[] = [];
  const refused: EndedItem<unknown>[] = [];
  for (const { index, key, payload } of await readChunkItems(client, run.task.chunk.jobId, firstItem, lastItem)) {
    const checked = run.validate(payload);
    if (checked.ok) {
      work.push({ index, key, input: checked.item, attempt: 1 });
      continue;
    }
    const { field, ...error } = toInvalidItem(checked.issues[0] ?? { field: null, message: 'does not fit its schema' });
    const item = { index, key, input: null, attempt: 1 };
    refused.push({ item, outcome: { state: 'FAILED', error: { ...error, field: field ?? undefined } }, durationMs: 0 });
  }
  return { work, refused };
}

/** Results of the items that ended here, and how many others go on to the next stage. */
function toRows(run: ChunkRun, items: EndedItem<unknown>[]): { results: ItemResultRow[]; passed: number } {
  const results = items.flatMap((ended) => (run.isLast || ended.outcome.state !== 'SUCCEEDED' ? [toRow(ended)] : []));
  return { results, passed: items.length - results.length };
}

function toRow({ item, outcome, durationMs }: EndedItem<unknown>): ItemResultRow {
  const error = outcome.state === 'FAILED' ? outcome.error : null;
  const output = outcome.state === 'FAILED' ? null : (outcome.output ?? null);
  return {
    index: item.index,
    attempts: item.attempt,
    state: outcome.state,
    output: output === null ? null : JSON.stringify(output),
    errorCode: error?.code ?? null,
    errorField: error?.field ?? null,
    errorMessage: error?.message ?? null,
    fingerprint: error ? fingerprint(error.code, error.message) : null,
    durationMs,
  };
}

function noOutcome(item: WorkItem<unknown>): ItemOutcome<never> {
  return { state: 'FAILED', error: { code: 'NO_OUTCOME', message: `The job type returned no outcome for item ${item.index}.` } };
}

/** A late attempt has nothing to say: the one that holds the chunk now answers for it. */
function ignoreSuperseded(thrown: unknown): StepOutcome {
  if (thrown instanceof SupersededError) return 'DONE';
  throw toError(thrown);
}

async function giveUp(deps: RunChunkDeps, chunk: ChunkRef, claimed: Claimed, error: string): Promise<void> {
  await deps.database.transaction((client) => failClaimed(client, chunk, claimed.attempt, error));
  deps.log.warn({ event: 'chunk_failed', job_id: chunk.jobId, chunk: chunk.index, attempt: claimed.attempt, error });
}

async function failClaimed(client: PoolClient, chunk: ChunkRef, attempt: number, error: string): Promise<void> {
  await failChunk(client, { chunk, attempt, error, fingerprint: fingerprint('CHUNK_FAILED', error) });
}
