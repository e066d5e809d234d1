import type { PoolClient } from 'pg';
import type { Database } from '../database/database.ts';
import type { Job } from '../database/entities/job.ts';
import type { Stage } from '../database/entities/stage.ts';
import { cancelRemainingItems } from '../database/sql/cancel-remaining-items.ts';
import { copyChunks } from '../database/sql/copy-chunks.ts';
import { countOpenChunks } from '../database/sql/count-open-chunks.ts';
import { cutChunks } from '../database/sql/cut-chunks.ts';
import { findOpenChunks } from '../database/sql/find-open-chunks.ts';
import { findPartitions } from '../database/sql/find-partitions.ts';
import { findRequestedExports } from '../database/sql/find-requested-exports.ts';
import { hasChunk } from '../database/sql/has-chunk.ts';
import { lockJob } from '../database/sql/lock-job.ts';
import { listStages } from '../database/sql/list-stages.ts';
import { readLeaseMs } from '../database/sql/read-lease-ms.ts';
import { releaseRunningChunks } from '../database/sql/release-running-chunks.ts';
import { endStage, startStage } from '../database/sql/set-stage-state.ts';
import type { Activities, NextStep } from '../domain/activities.ts';
import { isTerminal } from '../domain/job-state.ts';
import type { Priority } from '../domain/job.ts';
import { sizePartitions, windowLimits, type PlanLimits } from '../domain/partitions.ts';
import { chooseJobChunkSize } from './choose-chunk-size.ts';
import { setJobState } from './set-job-state.ts';

const taskPriorities: Record<Priority, number> = { HIGH: 1, NORMAL: 3, LOW: 5 };
const by = 'longhaul';
/** Of Postgres' integer. */
const maxIndex = 2 ** 31 - 1;

/**
 * Moves a job along until there is something to run, and says what. The database alone decides: a workflow that was lost
 * or restarted goes on where the job is. The caller promises that nothing of the job is in flight.
 */
export function createAdvanceJob({ database, plan }: { database: Database; plan: PlanLimits }) {
  return async ({ jobId, isNewCoordinator }: Parameters<Activities['advanceJob']>[0]): Promise<NextStep> =>
    await database.transaction(async (client) => {
      const job = await lockJob(client, database.em(), jobId);
      if (!job) return { kind: 'END' };
      const planning = { client, job, plan, stages: await listStages(client, jobId) };
      if (isNewCoordinator && (await mayHaveLanes(planning))) return { kind: 'DRAIN', lanes: windowLimits.max };
      return await nextStep(planning);
    });
}

interface Planning {
  client: PoolClient;
  job: Job;
  plan: PlanLimits;
  stages: Stage[];
}

/** True in the middle of a stage that was or may have been run in partitions. */
async function mayHaveLanes({ client, job, plan, stages }: Planning): Promise<boolean> {
  const stage = stages.find(({ kind, state }) => kind === 'ITEMS' && state === 'RUNNING');
  if (!stage || stage.external) return false;
  const at = { jobId: job.id, stage: stage.position, generation: job.generation };
  return await hasChunk(client, { ...at, index: plan.directChunks });
}

async function nextStep(planning: Planning): Promise<NextStep> {
  const { client, job } = planning;
  switch (job.state) {
    case 'PENDING':
      await setJobState(client, job, { to: 'RUNNING', by });
      return await nextStage(planning);
    case 'RUNNING':
    case 'COMPLETING':
      return await nextStage(planning);
    case 'PAUSING': {
      // Whoever holds a chunk outside may bring it to its end, for as long as it was lent.
      const maxMs = await readLeaseMs(client, job.id);
      if (maxMs > 0) return { kind: 'WAIT', maxMs };
      await releaseRunningChunks(client, job.id);
      await setJobState(client, job, { to: 'PAUSED', by, reason: job.pauseReason ?? 'USER' });
      return { kind: 'WAIT' };
    }
    case 'PAUSED':
      return { kind: 'WAIT' };
    case 'CANCELING':
      await cancelRemainingItems(client, job.id);
      await setJobState(client, job, { to: 'CANCELED', by });
      return await remainingExports(client, job);
    case 'COMPLETED':
    case 'CANCELED':
    case 'FAILED':
      return await remainingExports(client, job);
  }
}

async function nextStage(planning: Planning): Promise<NextStep> {
  const { client, job, stages } = planning;
  for (const stage of stages) {
    if (stage.state === 'COMPLETED' || stage.state === 'SKIPPED') continue;
    if (stage.kind === 'ONCE' && allFailed(job)) {
      await endStage(client, job.id, stage, 'SKIPPED');
      continue;
    }
    if (job.state === 'RUNNING' && stages.slice(stage.position).every(isFinishing)) {
      await setJobState(client, job, { to: 'COMPLETING', by });
    }
    // It begins when its service says so.
    if (isDriven(stage) && stage.state !== 'RUNNING') return { kind: 'WAIT' };
    if (stage.state !== 'RUNNING') await openStage(client, job, stage, stages);
    const step = await stepOf(planning, stage);
    if (step) return step;
    await endStage(client, job.id, stage, 'COMPLETED');
  }
  return await complete(client, job);
}

/** Driven from outside as a whole. */
function isDriven({ kind, external }: Stage): boolean {
  return external && kind === 'ONCE';
}

/** One of the last steps of a job, that Longhaul runs itself when all items have ended. */
function isFinishing({ kind, external }: Stage): boolean {
  return kind === 'ONCE' && !external;
}

/** What is left to run of an open stage; null when it is done. */
async function stepOf(planning: Planning, stage: Stage): Promise<NextStep | null> {
  const { generation } = planning.job;
  switch (stage.kind) {
    case 'INGEST':
      return { kind: 'INGEST', generation };
    case 'ONCE':
      if (stage.external) return { kind: 'WAIT' };
      return { kind: 'ONCE', stage: stage.position, generation };
    case 'ITEMS':
      return await planChunks(planning, stage);
  }
}

/** All open chunks of a stage: themselves, or as partitions where they are many. Null when there are none. */
async function planChunks({ client, job, plan }: Planning, { position, external }: Stage): Promise<NextStep | null> {
  const { window, directChunks } = plan;
  const at = { stage: position, generation: job.generation };
  const stage = { jobId: job.id, ...at };
  const taskPriority = taskPriorities[job.priority];
  const indexes = await findOpenChunks(client, { ...stage, first: 0, last: maxIndex, limit: directChunks + 1 });
  if (indexes.length === 0) return null;
  // Workers outside take them; the one that ends the last wakes the job.
  if (external) return { kind: 'WAIT' };
  if (indexes.length <= directChunks) return { kind: 'CHUNKS', ...at, indexes, window, taskPriority };
  const sizes = sizePartitions(await countOpenChunks(client, stage), window);
  const partitions = await findPartitions(client, { ...stage, sizes });
  return { kind: 'PARTITIONS', ...at, partitions, lanes: window, taskPriority };
}

async function openStage(client: PoolClient, job: Job, stage: Stage, stages: Stage[]): Promise<void> {
  if (stage.kind === 'ITEMS') {
    const before = stages.findLast(({ kind, position }) => kind === 'ITEMS' && position < stage.position);
    if (before)
      await copyChunks(client, {
        jobId: job.id,
        from: before.position,
        to: stage.position,
        generation: job.generation,
      });
    else if (job.generation === 0) await cutFirstChunks(client, job, stage);
  }
  await startStage(client, job.id, stage, stageTotal(job, stage));
}

/** Null while the length of the source is not known. */
function stageTotal(job: Job, stage: Stage): number | null {
  switch (stage.kind) {
    case 'INGEST':
      return stage.total ?? null;
    case 'ITEMS':
      return job.pending;
    case 'ONCE':
      return 1;
  }
}

/** In a redrive the chunks of the first item stage were cut when their items were selected. */
async function cutFirstChunks(client: PoolClient, job: Job, stage: Stage): Promise<void> {
  const size = await chooseJobChunkSize(client, job, job.total);
  await cutChunks(client, {
    jobId: job.id,
    stage: stage.position,
    size,
    total: job.total,
    priority: job.chunkPriority,
  });
}

function allFailed(job: Job): boolean {
  return job.total > 0 && job.failed === job.total;
}

/** Every stage has ended: the exports that were asked for, then the end. */
async function complete(client: PoolClient, job: Job): Promise<NextStep> {
  if (job.pending > 0) {
    const message = `No stage of the job is over its ${job.pending} items: submit it without items, or with such a stage.`;
    await setJobState(client, job, { to: 'FAILED', by, message });
    return await remainingExports(client, job);
  }
  if (allFailed(job)) {
    await setJobState(client, job, { to: 'FAILED', by, message: `All ${job.total} items failed.` });
    return await remainingExports(client, job);
  }
  if (job.state === 'RUNNING') await setJobState(client, job, { to: 'COMPLETING', by });
  const exportIds = await findRequestedExports(client, job.id);
  if (exportIds.length > 0) return { kind: 'EXPORTS', exportIds };
  await setJobState(client, job, { to: 'COMPLETED', by });
  return { kind: 'END' };
}

/** A job that was canceled or failed still delivers what was asked for. */
async function remainingExports(client: PoolClient, job: Job): Promise<NextStep> {
  if (!isTerminal(job.state)) return { kind: 'END' };
  const exportIds = await findRequestedExports(client, job.id);
  return exportIds.length > 0 ? { kind: 'EXPORTS', exportIds } : { kind: 'END' };
}
