import type { PoolClient } from 'pg';
import { endItems } from '../../activities/end-items.ts';
import { readWork } from '../../activities/read-work.ts';
import type { EndedItem } from '../../activities/run-items.ts';
import { accumulate } from '../../aggregates/accumulate.ts';
import type { Database } from '../../database/database.ts';
import { ChunkEntity, type Chunk } from '../../database/entities/chunk.ts';
import { JobEntity, type Job } from '../../database/entities/job.ts';
import type { Stage } from '../../database/entities/stage.ts';
import { claimChunk } from '../../database/sql/claim-chunk.ts';
import { commitChunk } from '../../database/sql/commit-chunk.ts';
import { countHeldChunks } from '../../database/sql/count-held-chunks.ts';
import { extendLease } from '../../database/sql/extend-lease.ts';
import { failChunk } from '../../database/sql/fail-chunk.ts';
import { findChunksAtOnce } from '../../database/sql/find-chunks-at-once.ts';
import { findClaimableStages } from '../../database/sql/find-claimable-stages.ts';
import { findOpenChunks } from '../../database/sql/find-open-chunks.ts';
import { enterGate } from '../../database/sql/job-gate.ts';
import { listStages } from '../../database/sql/list-stages.ts';
import { lockChunk, type LockedChunk } from '../../database/sql/lock-chunk.ts';
import { lockClaimableChunk } from '../../database/sql/lock-claimable-chunk.ts';
import { noteChunkError } from '../../database/sql/note-chunk-error.ts';
import { readCanaryEnd } from '../../database/sql/read-canary-end.ts';
import { releaseChunk } from '../../database/sql/release-chunk.ts';
import { lockKeysOf, takeLockKeys } from '../../database/sql/take-lock-keys.ts';
import type { ChunkRef } from '../../domain/activities.ts';
import { NotFoundError } from '../../domain/errors.ts';
import { fingerprint } from '../../domain/fingerprint.ts';
import { assertEachOnce, assertHeld, assertLease, isTriedAgain, maxSilentAttempts } from '../../domain/outside-work.ts';
import type { WorkItem } from '../../job-types/define-job-type.ts';
import { getJobType } from '../../job-types/registry.ts';
import { createItemValidator } from '../../job-types/validate-item.ts';
import type { Metrics } from '../../metrics/metrics.ts';
import type { Viewer } from '../commands.ts';
import { guardClaim } from '../guard-rails/guard-claim.ts';
import { tripBreaker } from '../guard-rails/trip-breaker.ts';
import { findVisibleJob } from '../reads/find-visible-jobs.ts';
import type { WorkflowStarter } from '../workflow-starter.ts';
import { toEndedItem, type OutsideResult } from './outside-result.ts';

export interface ClaimRequest {
  /** What the worker calls itself, for people. */
  workerId: string;
  /** Null: any job of the project. */
  jobId: string | null;
  /** Names of stages; null: any. */
  stages: readonly string[] | null;
  leaseSeconds: number;
}

/** A chunk that a worker outside holds, until `leaseUntil` unless it is heard of. */
export interface ChunkClaim {
  job: Job;
  chunk: Chunk;
  stage: string;
  /** Fence: what is said of the chunk counts only under its newest attempt. */
  attempt: number;
  items: WorkItem<unknown>[];
  leaseUntil: Date;
}

/** A chunk as the worker who holds it names it. */
export interface HeldRef {
  chunk: ChunkRef;
  attempt: number;
}

export interface Heartbeat {
  leaseUntil: Date;
  /** True when the job pauses: bring the chunk to its end before the lease runs out, or hand it back. */
  isStopping: boolean;
}

/**
 * What workers outside call to run the chunks of stages that are theirs, by the same commit protocol as Longhaul's own. What names
 * a chunk throws NotFoundError (of another project, or not theirs) and ConflictError (another attempt holds it by now).
 */
export interface ChunkWork {
  /** The next chunk, of the highest priority first; null when nothing waits. @throws InvalidInputError */
  claimChunk(viewer: Viewer, request: ClaimRequest): Promise<ChunkClaim | null>;
  /** @throws InvalidInputError */
  heartbeatChunk(viewer: Viewer, held: HeldRef & { leaseSeconds: number }): Promise<Heartbeat>;
  /** Of a chunk that this attempt has completed already: nothing, so that it can be repeated. @throws InvalidInputError */
  completeChunk(viewer: Viewer, held: HeldRef & { results: readonly OutsideResult[] }): Promise<Chunk>;
  /** Hands the chunk back, or gives it up with all its items. */
  failChunk(viewer: Viewer, held: HeldRef & { message: string; retryable: boolean }): Promise<Chunk>;
}

/** So many chunks whose lock keys are held one claim passes over, in the order of a job. */
const maxPassedOver = 20;

export interface ChunkWorkDeps {
  database: Database;
  workflows: WorkflowStarter;
  metrics: Metrics;
}

/** Hands chunks out to workers outside, and takes them back. */
export function createChunkWork({ database, workflows, metrics }: ChunkWorkDeps): ChunkWork {
  async function claimOf(request: ClaimRequest, stage: Omit<ChunkRef, 'index'>): Promise<ChunkClaim | null> {
    let after = -1;
    for (let passed = 0; passed < maxPassedOver;) {
      const claimed = await database.transaction((client) => claimNext(client, request, { ...stage, after }));
      if (typeof claimed === 'number') {
        after = claimed;
        passed += 1;
      } else if (claimed === 'ENDED') await wakeWhenOver(stage);
      else if (claimed === 'HELD') {
        await workflows.wakeJob(stage.jobId);
        return null;
      } else return claimed;
    }
    return null;
  }

  /**
   * ENDED: the chunk needed nobody, or has killed too many; there may be another. HELD: the rails of the job let none run now. A number:
   * the index of a chunk whose lock keys are held.
   */
  async function claimNext(
    client: PoolClient,
    { workerId, leaseSeconds }: ClaimRequest,
    stage: Omit<ChunkRef, 'index'> & { after: number },
  ): Promise<ChunkClaim | 'ENDED' | 'HELD' | number | null> {
    await enterGate(client, stage.jobId);
    const chunk = await lockClaimableChunk(client, { ...stage, endItem: await readCanaryEnd(client, stage.jobId) });
    if (!chunk) return null;
    const locked = await lockChunk(client, chunk);
    if (locked?.jobState !== 'RUNNING') return null;
    if (locked.isKeyed) {
      await lockKeysOf(client, locked.projectId);
      if (!(await takeLockKeys(client, chunk, locked.projectId))) return chunk.index;
    }
    if (locked.isGuarded) {
      if (!(await guardClaim(client, { ...locked, ...chunk }))) {
        await releaseChunk(client, chunk);
        return 'HELD';
      }
      const atOnce = await findChunksAtOnce(client, chunk.jobId);
      if (atOnce !== null && (await countHeldChunks(client, chunk.jobId)) >= atOnce) return null;
    }
    const claimed = await claimChunk(client, chunk, workerId);
    if (!claimed) return null;
    const { attempt } = claimed;
    if (claimed.broken >= maxSilentAttempts) {
      await giveUp(
        client,
        chunk,
        attempt,
        `The chunk was given up after ${maxSilentAttempts} attempts that fell silent.`,
      );
      return 'ENDED';
    }
    const range = { jobId: chunk.jobId, ...locked };
    const { work, refused } = await readWork(
      client,
      range,
      createItemValidator(getJobType(locked.jobType), 'MODERATE'),
    );
    if (work.length === 0) {
      await commitChunk(client, { chunk, attempt, ...endItems(refused, true), parts: [], next: 'COMPLETED' });
      return 'ENDED';
    }
    const leaseUntil = await extendLease(client, { chunk, attempt, seconds: leaseSeconds });
    if (!leaseUntil) throw new Error(`Chunk ${chunk.index} of job ${chunk.jobId} was lost while it was locked.`);
    return {
      job: await database.em().findOneOrFail(JobEntity, { id: chunk.jobId }),
      chunk: await readChunk(client, chunk),
      stage: locked.stageName,
      attempt,
      items: work,
      leaseUntil,
    };
  }

  async function readChunk(client: PoolClient, { jobId, stage, generation, index }: ChunkRef): Promise<Chunk> {
    const { rows } = await client.query<Record<string, unknown>>(
      'select * from chunks where job_id = $1 and stage = $2 and generation = $3 and index = $4',
      [jobId, stage, generation, index],
    );
    return database.em().map(ChunkEntity, rows[0] ?? {});
  }

  interface Held {
    client: PoolClient;
    job: Job;
    chunk: Chunk;
    locked: LockedChunk;
    stages: Stage[];
  }

  /** Locks a chunk that is run from outside and of a job of the viewer. */
  async function withChunk<T>(viewer: Viewer, ref: ChunkRef, work: (held: Held) => Promise<T>): Promise<T> {
    return await database.transaction(async (client) => {
      await enterGate(client, ref.jobId);
      const job = await findVisibleJob(database, viewer, { id: ref.jobId });
      const stages = job ? await listStages(client, job.id) : [];
      const isOutside = stages.some(({ position, external }) => position === ref.stage && external);
      const locked = job && isOutside ? await lockChunk(client, ref) : null;
      if (!job || !locked)
        throw new NotFoundError(
          `There is no chunk ${ref.stage}/${ref.generation}/${ref.index} in a stage of job ${ref.jobId} that is run from outside.`,
        );
      return await work({ client, job, stages, locked, chunk: await readChunk(client, ref) });
    });
  }

  /** The same with what follows a commit. A kill before that leaves the breaker to the next claim, and the job to who looks after lost work. */
  async function commitHeld(viewer: Viewer, ref: ChunkRef, work: (held: Held) => Promise<Chunk>): Promise<Chunk> {
    const { chunk, isGuarded } = await withChunk(viewer, ref, async (held) => ({
      chunk: await work(held),
      isGuarded: held.locked.isGuarded,
    }));
    if (isGuarded && chunk.failed > 0) await tripBreaker(database, ref.jobId);
    await wakeWhenOver(ref);
    return chunk;
  }

  /** Tells the job when its last chunk is over, or that of its canary, or when it waits for those that are held. */
  async function wakeWhenOver({ jobId, stage, generation }: Omit<ChunkRef, 'index'>): Promise<void> {
    const all = { first: 0, last: 2 ** 31 - 1, limit: 1 };
    const open = await findOpenChunks(database.pool, { jobId, stage, generation, ...all });
    const job = await database.em().findOne(JobEntity, { id: jobId }, { fields: ['state'] });
    const isOver = open.length === 0 || (await readCanaryEnd(database.pool, jobId)) !== null;
    if (isOver || job?.state !== 'RUNNING') await workflows.wakeJob(jobId);
  }

  return {
    claimChunk: async (viewer, request) => {
      assertLease(request.leaseSeconds);
      const { jobId, stages } = request;
      for (const stage of await findClaimableStages(database.pool, { projectId: viewer.projectId, jobId, stages })) {
        const claim = await claimOf(request, stage);
        if (claim) return claim;
      }
      return null;
    },

    heartbeatChunk: async (viewer, { chunk: ref, attempt, leaseSeconds }) => {
      assertLease(leaseSeconds);
      return await withChunk(viewer, ref, async ({ client, job, chunk }) => {
        assertHeld(chunk, attempt);
        // A pause waits for what is held, but not for ever.
        const isStopping = job.state !== 'RUNNING';
        const extended = isStopping ? null : await extendLease(client, { chunk: ref, attempt, seconds: leaseSeconds });
        return { leaseUntil: extended ?? chunk.leaseUntil ?? new Date(), isStopping };
      });
    },

    completeChunk: async (viewer, { chunk: ref, attempt, results }) =>
      await commitHeld(viewer, ref, async ({ client, job, chunk, locked, stages }) => {
        if (chunk.state === 'COMPLETED' && chunk.attempt === attempt) return chunk;
        assertHeld(chunk, attempt);
        const jobType = getJobType(job.type);
        const members = {
          jobId: job.id,
          firstItem: chunk.firstItem,
          lastItem: chunk.lastItem,
          itemList: locked.itemList,
        };
        const { work, refused } = await readWork(client, members, createItemValidator(jobType, 'MODERATE'));
        assertEachOnce(
          work.map(({ index }) => index),
          results.map(({ index }) => index),
        );
        const isLast = stages.findLast(({ kind }) => kind === 'ITEMS')?.position === ref.stage;
        const byIndex = new Map(work.map((item) => [item.index, item]));
        const ended = results.flatMap((result, position): EndedItem<unknown>[] => {
          const item = byIndex.get(result.index);
          return item ? [toEndedItem(jobType, { ...item, attempt }, result, position)] : [];
        });
        const succeeded = ended.flatMap(({ item, outcome }) =>
          outcome.state === 'SUCCEEDED' ? [{ input: item.input, output: outcome.output }] : [],
        );
        const parts = isLast ? accumulate(jobType.aggregatePlan, succeeded) : [];
        const endedItems = endItems([...refused, ...ended], isLast);
        const stored = metrics.commitStarted();
        await commitChunk(client, { chunk: ref, attempt, ...endedItems, parts, next: 'COMPLETED' });
        stored();
        metrics.itemsEnded(
          job.type,
          endedItems.results.map(({ state }) => state),
        );
        return await readChunk(client, ref);
      }),

    failChunk: async (viewer, { chunk: ref, attempt, message, retryable }) =>
      await commitHeld(viewer, ref, async ({ client, chunk }) => {
        assertHeld(chunk, attempt);
        if (isTriedAgain({ broken: chunk.broken, retryable })) {
          await noteChunkError(client, ref, message);
          await commitChunk(client, { chunk: ref, attempt, results: [], passed: 0, parts: [], next: 'PENDING' });
        } else await giveUp(client, ref, attempt, message);
        return await readChunk(client, ref);
      }),
  };
}

async function giveUp(client: PoolClient, chunk: ChunkRef, attempt: number, error: string): Promise<void> {
  await failChunk(client, { chunk, attempt, error, fingerprint: fingerprint('CHUNK_FAILED', error) });
}
