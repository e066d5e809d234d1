import type { PoolClient } from 'pg';
import type { Logger } from 'pino';
import type { Database } from '../database/database.ts';
import { isOutage } from '../database/is-outage.ts';
import { claimChunk } from '../database/sql/claim-chunk.ts';
import { failChunk } from '../database/sql/fail-chunk.ts';
import { closeItems } from '../database/sql/item-files/close-items.ts';
import { lockChunk, type LockedChunk } from '../database/sql/lock-chunk.ts';
import { releaseChunk } from '../database/sql/release-chunk.ts';
import { lockKeysOf, takeLockKeys } from '../database/sql/take-lock-keys.ts';
import { takeOverChunk } from '../database/sql/take-over-chunk.ts';
import type { ChunkRef, StepOutcome } from '../domain/activities.ts';
import { toError } from '../domain/errors.ts';
import { fingerprint } from '../domain/fingerprint.ts';
import { makesFiles } from '../job-types/makes-files.ts';
import { getJobType } from '../job-types/registry.ts';
import { guardClaim } from '../jobs/guard-rails/guard-claim.ts';
import { readClosedMs } from '../jobs/read-closed-ms.ts';
import type { RateLimiter } from '../limits/rate-limiter.ts';
import type { Metrics } from '../metrics/metrics.ts';
import type { FileStores } from '../item-files/file-stores.ts';
import type { Providers } from '../providers/providers.ts';
import type { WorkRoot } from '../providers/process/work-root.ts';
import type { Storage } from '../storage/storage.ts';
import type { JobWatch } from './job-watch.ts';
import { processChunk, type ClaimedChunk } from './process-chunk.ts';
import { SupersededError } from './superseded-error.ts';

export interface RunChunkDeps {
  database: Database;
  storage: Storage;
  stores: FileStores;
  providers: Providers;
  workRoot: WorkRoot;
  jobWatch: JobWatch;
  log: Logger;
  metrics: Metrics;
  rateLimiter: RateLimiter;
}

export interface ChunkTask {
  chunk: ChunkRef;
  /** Names the attempt to people: Temporal's run, activity and attempt. */
  taskId: string;
  /** Aborted when the worker shuts down. */
  signal: AbortSignal;
}

/** A worker that is going down hands its chunk back; Temporal gives it to another at once. */
export class HandedBackError extends Error {}

/** The outside service of the chunk's stage wants nothing for a while: the chunk is handed back, and is to be asked for again then. */
export class ServiceClosedError extends HandedBackError {
  readonly forMs: number;

  constructor(chunk: ChunkRef, forMs: number) {
    super(`The service that chunk ${chunk.index} of job ${chunk.jobId} needs wants nothing for ${forMs} ms.`);
    this.forMs = forMs;
  }
}

/** Other chunks hold, or wait longer for, what the items of this one lock: it is to be asked for again soon. */
export class KeysHeldError extends Error {}

/** After so many attempts that broke off a chunk is taken for one that kills its worker. */
const maxBroken = 10;
/** So many attempts in which an error that is no outage is not taken for permanent. */
const maxFailing = 3;

/** Runs one chunk: claim, read the items that have not ended, process, commit. Any of it may be repeated at any time. */
export async function runChunk(deps: RunChunkDeps, task: ChunkTask): Promise<StepOutcome> {
  const { chunk, signal } = task;
  const claimed = await claim(deps, task);
  if (claimed === 'HELD')
    throw new KeysHeldError(`Items that chunk ${chunk.index} of job ${chunk.jobId} locks run elsewhere.`);
  if (typeof claimed === 'string') return claimed;
  const watch = deps.jobWatch.watch(chunk.jobId);
  const ended = deps.metrics.chunkStarted(claimed.jobType);
  try {
    const stop = AbortSignal.any([watch.signal, signal]);
    const outcome = await processChunk({ ...deps, signal: stop }, chunk, claimed);
    if (outcome === 'YIELDED' && signal.aborted)
      throw new HandedBackError('The worker is shutting down; its chunk is handed back.');
    // In a lane others of the job have come further, and need not wait.
    if (outcome === 'YIELDED' && !stop.aborted && makesFiles(toJob(claimed)))
      throw new ServiceClosedError(chunk, await readClosedFor(deps, claimed));
    return outcome;
  } catch (thrown) {
    const error = toError(thrown);
    // The attempt that holds the chunk now answers for it.
    if (error instanceof SupersededError) return 'DONE';
    if (error instanceof HandedBackError || isOutage(error) || claimed.broken + 1 < maxFailing) throw error;
    await giveUp(deps, chunk, claimed, error.message);
    return 'DONE';
  } finally {
    ended();
    watch.release();
  }
}

async function readClosedFor({ database }: RunChunkDeps, claimed: ClaimedChunk): Promise<number> {
  const job = { ...toJob(claimed), projectId: claimed.projectId };
  return (await readClosedMs(database.pool, job, [claimed.stageName])) ?? 0;
}

function toJob({ jobType: type, options }: LockedChunk) {
  return { type, options };
}

async function claim(
  { database, log }: RunChunkDeps,
  { chunk, taskId }: ChunkTask,
): Promise<ClaimedChunk | StepOutcome | 'HELD'> {
  return await database.transaction(async (client): Promise<ClaimedChunk | StepOutcome | 'HELD'> => {
    const locked = await lockWithItems(client, chunk);
    if (!locked || (locked.state !== 'PENDING' && locked.state !== 'RUNNING')) return 'DONE';
    if (locked.jobState !== 'RUNNING') {
      await releaseChunk(client, chunk);
      return 'YIELDED';
    }
    if (locked.isKeyed && !(await takeKeys(client, chunk, locked))) return 'HELD';
    if (locked.isGuarded && !(await guardClaim(client, { ...locked, ...chunk }))) {
      await releaseChunk(client, chunk);
      return 'YIELDED';
    }
    // Thrown before the claim, so that it does not count as an attempt: the chunk waits for a worker that knows its job type.
    getJobType(locked.jobType);
    const claimed = await claimChunk(client, chunk, taskId);
    if (!claimed) return 'YIELDED';
    if (claimed.broken < maxBroken) return { ...locked, ...claimed };
    await fail(
      client,
      chunk,
      { ...locked, ...claimed },
      `The chunk was given up after ${maxBroken} attempts that died.`,
    );
    log.warn({ event: 'chunk_failed', job_id: chunk.jobId, chunk: chunk.index, attempt: claimed.attempt });
    return 'DONE';
  });
}

/** Before the job's row is locked, as whoever gives keys away may wait for that. */
async function takeKeys(client: PoolClient, chunk: ChunkRef, { projectId }: LockedChunk): Promise<boolean> {
  await lockKeysOf(client, projectId);
  return await takeLockKeys(client, chunk, projectId);
}

/** The chunk with what the stage before passed on to it, in a job whose chunks go from stage to stage one by one. */
async function lockWithItems(client: PoolClient, chunk: ChunkRef): Promise<LockedChunk | null> {
  const locked = await lockChunk(client, chunk);
  if (locked?.state !== 'PENDING' || locked.attempt > 0) return locked;
  if (!makesFiles(toJob(locked))) return locked;
  return { ...locked, ...(await takeOverChunk(client, chunk)) };
}

async function giveUp(
  { database, log }: RunChunkDeps,
  chunk: ChunkRef,
  claimed: ClaimedChunk,
  error: string,
): Promise<void> {
  await database.transaction((client) => fail(client, chunk, claimed, error));
  log.warn({ event: 'chunk_failed', job_id: chunk.jobId, chunk: chunk.index, attempt: claimed.attempt, error });
}

async function fail(client: PoolClient, chunk: ChunkRef, claimed: ClaimedChunk, error: string): Promise<void> {
  const { attempt, firstItem, lastItem, itemList } = claimed;
  await failChunk(client, { chunk, attempt, error, fingerprint: fingerprint('CHUNK_FAILED', error) });
  if (!makesFiles(toJob(claimed))) return;
  const indexes = itemList ?? Array.from({ length: lastItem - firstItem + 1 }, (_, offset) => firstItem + offset);
  await closeItems(client, { ...chunk, indexes });
}
