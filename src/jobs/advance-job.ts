import type { PoolClient } from 'pg';
import type { Database } from '../database/database.ts';
import type { Job } from '../database/entities/job.ts';
import type { Stage } from '../database/entities/stage.ts';
import { cancelRemainingItems } from '../database/sql/cancel-remaining-items.ts';
import { copyChunks } from '../database/sql/copy-chunks.ts';
import { countOpenChunks } from '../database/sql/count-open-chunks.ts';
import { cutKeyedChunks } from '../database/sql/cut-keyed-chunks.ts';
import { cutChunks } from '../database/sql/cut-chunks.ts';
import { findChunksAtOnce } from '../database/sql/find-chunks-at-once.ts';
import { findLastChunk } from '../database/sql/find-last-chunk.ts';
import { findOpenChunks } from '../database/sql/find-open-chunks.ts';
import { findOpenRuns } from '../database/sql/find-open-runs.ts';
import { findPartitions } from '../database/sql/find-partitions.ts';
import { findRequestedExports } from '../database/sql/find-requested-exports.ts';
import { hasChunk } from '../database/sql/has-chunk.ts';
import { closeGate } from '../database/sql/job-gate.ts';
import { lockJob } from '../database/sql/lock-job.ts';
import { listStages } from '../database/sql/list-stages.ts';
import { endStage, startStage } from '../database/sql/set-stage-state.ts';
import { readClosedBuckets } from '../database/sql/read-closed-buckets.ts';
import { readDueMs } from '../database/sql/read-due-ms.ts';
import { weighJob } from '../database/sql/weigh-job.ts';
import type { Activities, NextStep } from '../domain/activities.ts';
import { limitedWindow } from '../domain/bucket.ts';
import { isTerminal } from '../domain/job-state.ts';
import type { Priority } from '../domain/job.ts';
import { sizePartitions, windowLimits, type PlanLimits } from '../domain/partitions.ts';
import type { ProviderUse } from '../job-types/define-job-type.ts';
import { findProvider, providerBucket } from '../job-types/find-provider.ts';
import { chooseJobChunkSize } from './choose-chunk-size.ts';
import { guardJob } from './guard-rails/guard-job.ts';
import { completeCanary, findRunningCanary, type RunningCanary } from './guard-rails/run-canary.ts';
import { isKeyed } from './is-keyed.ts';
import type { Line } from './line.ts';
import { setJobState } from './set-job-state.ts';
import { settlePause } from './settle-pause.ts';
import type { WorkflowStarter } from './workflow-starter.ts';

const taskPriorities: Record<Priority, number> = { HIGH: 1, NORMAL: 3, LOW: 5 };
const by = 'longhaul';
/** Of Postgres' integer. */
const maxIndex = 2 ** 31 - 1;

/**
 * Moves a job along until there is something to run, and says what. The database alone decides: a workflow that was lost
 * or restarted goes on where the job is. The caller promises that nothing of the job is in flight.
 */
export function createAdvanceJob({ database, plan, line, workflows }: AdvanceJobDeps) {
  return async ({ jobId, isNewCoordinator }: Parameters<Activities['advanceJob']>[0]): Promise<NextStep> => {
    let job: Job | null = null;
    const step = await database.transaction(async (client): Promise<NextStep> => {
      await closeGate(client, jobId);
      job = await lockJob(client, database.em(), jobId);
      if (!job) return { kind: 'END' };
      const planning = { client, job, plan, line, stages: await listStages(client, jobId) };
      if (isNewCoordinator && (await mayHaveLanes(planning))) return { kind: 'DRAIN', lanes: windowLimits.max };
      return await nextStep(planning);
    });
    if (hasLeft(job)) for (const next of await line.findNext()) await workflows.wakeJob(next);
    return step;
  };
}

/** Its place among those that run is free. */
function hasLeft(job: Job | null): boolean {
  return job === null || job.state === 'PAUSED' || isTerminal(job.state);
}

interface AdvanceJobDeps {
  database: Database;
  plan: PlanLimits;
  line: Line;
  workflows: WorkflowStarter;
}

interface Planning {
  client: PoolClient;
  job: Job;
  plan: PlanLimits;
  line: Line;
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
  const held = await guardJob(client, planning.line, job);
  if (held) return held;
  switch (job.state) {
    case 'PENDING':
      if (!(await planning.line.mayStart(client, job))) return { kind: 'WAIT' };
      await setJobState(client, job, { to: 'RUNNING', by });
      return (await guardJob(client, planning.line, job)) ?? (await nextStage(planning));
    case 'RUNNING':
    case 'COMPLETING':
      return await nextStage(planning);
    case 'PAUSING': {
      const heldMs = await settlePause(client, job);
      return heldMs === null ? { kind: 'WAIT' } : { kind: 'WAIT', forMs: heldMs };
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
  const canary = await findRunningCanary(client, job, stages);
  if (canary) {
    const step = await nextCanaryStep(planning, canary);
    if (step) return step;
  }
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
    if (isDriven(stage) && stage.state !== 'RUNNING') return await waitOutside(planning);
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

/** Somebody outside does what comes next and wakes the job; before that, only time may change it. */
async function waitOutside({ client, job }: Planning): Promise<NextStep> {
  const dueMs = await readDueMs(client, job.id);
  return dueMs === null ? { kind: 'WAIT' } : { kind: 'WAIT', forMs: dueMs };
}

/** The items of the canary go through all item stages before any other; null when the others need not wait. */
async function nextCanaryStep(planning: Planning, canary: RunningCanary): Promise<NextStep | null> {
  const { client, job, stages, plan } = planning;
  for (const stage of stages.filter(({ kind }) => kind === 'ITEMS')) {
    if (stage.state !== 'RUNNING') {
      await openStage(client, job, stage, stages, canary);
      // It stays open for the other items.
      stage.state = 'RUNNING';
    }
    const at = { jobId: job.id, stage: stage.position, generation: job.generation };
    const last = await findLastChunk(client, { ...at, endItem: canary.items });
    const indexes = await findOpenChunks(client, { ...at, first: 0, last, limit: plan.directChunks });
    if (indexes.length > 0) return toChunkStep(planning, stage, indexes);
  }
  return (await completeCanary(client, job, canary)) ? await guardJob(client, planning.line, job) : null;
}

/** What is left to run of an open stage; null when it is done. */
async function stepOf(planning: Planning, stage: Stage): Promise<NextStep | null> {
  const { generation } = planning.job;
  switch (stage.kind) {
    case 'INGEST':
      return { kind: 'INGEST', generation };
    case 'ONCE':
      if (stage.external) return await waitOutside(planning);
      return { kind: 'ONCE', stage: stage.position, generation };
    case 'ITEMS':
      return await planChunks(planning, stage);
  }
}

/** All open chunks of a stage: themselves, or as partitions where they are many. Null when there are none. */
async function planChunks(planning: Planning, stage: Stage): Promise<NextStep | null> {
  const { client, job, plan } = planning;
  const { directChunks } = plan;
  const at = { stage: stage.position, generation: job.generation };
  const chunksOf = { jobId: job.id, ...at };
  const indexes = await findOpenChunks(client, { ...chunksOf, first: 0, last: maxIndex, limit: directChunks + 1 });
  if (indexes.length === 0) return null;
  if (stage.external || indexes.length <= directChunks) return await toChunkStep(planning, stage, indexes);
  const closedMs = await readClosedMs(planning, stage);
  if (closedMs !== null) return { kind: 'WAIT', forMs: closedMs };
  const { window: lanes, ...turn } = await takeTurn(planning, stage);
  const sizes = sizePartitions(await countOpenChunks(client, chunksOf), lanes);
  const partitions = await findPartitions(client, { ...chunksOf, sizes });
  return { kind: 'PARTITIONS', ...at, partitions, lanes, ...turn };
}

/** Milliseconds for which the provider of a stage wants nothing; null when it does, or when there is none. */
async function readClosedMs({ client, job }: Planning, { name }: Stage): Promise<number | null> {
  const provider = findProvider(job, name);
  if (!provider) return null;
  const bucket = providerBucket(provider);
  const closed = await readClosedBuckets(client, [job.projectId]);
  return closed.find((each) => each.name === bucket)?.forMs ?? null;
}

function lowestRate(job: Job, provider: ProviderUse | null): number | null {
  const rates = [job.itemsPerSecond, provider?.itemsPerSecond].filter((rate) => typeof rate === 'number');
  return rates.length > 0 ? Math.min(...rates) : null;
}

async function toChunkStep(planning: Planning, stage: Stage, indexes: number[]): Promise<NextStep> {
  // Workers outside take them; the one that ends the last wakes the job.
  if (stage.external) return await waitOutside(planning);
  const closedMs = await readClosedMs(planning, stage);
  if (closedMs !== null) return { kind: 'WAIT', forMs: closedMs };
  const turn = await takeTurn(planning, stage);
  const at = { stage: stage.position, generation: planning.job.generation };
  const { client, job } = planning;
  if (!isKeyed(job)) return { kind: 'CHUNKS', ...at, indexes, ...turn };
  const found = await findOpenRuns(client, { jobId: job.id, ...at, last: indexes.at(-1) ?? -1 });
  const [singles, runs] = [found.filter(({ length }) => length === 1), found.filter(({ length }) => length > 1)];
  return { kind: 'CHUNKS', ...at, indexes: singles.flat(), runs, ...turn };
}

/** How many chunks of the job may run at a time, and how they stand among those of others. */
async function takeTurn({ client, job, plan }: Planning, { name }: Stage) {
  const limited = limitedWindow(plan.window, lowestRate(job, findProvider(job, name)));
  return {
    window: Math.min(limited, (await findChunksAtOnce(client, job.id)) ?? limited),
    taskPriority: taskPriorities[job.priority],
    fairnessWeight: await weighJob(client, job.id),
  };
}

async function openStage(
  client: PoolClient,
  job: Job,
  stage: Stage,
  stages: Stage[],
  canary: RunningCanary | null = null,
): Promise<void> {
  if (stage.kind === 'ITEMS') {
    const before = stages.findLast(({ kind, position }) => kind === 'ITEMS' && position < stage.position);
    if (before)
      await copyChunks(client, {
        jobId: job.id,
        from: before.position,
        to: stage.position,
        generation: job.generation,
        endItem: canary?.items ?? job.total,
      });
    else if (job.generation === 0) await cutFirstChunks(client, job, stage, canary);
  }
  await startStage(client, job.id, stage, stageTotal(job, stage));
}

/** Null while the length of the source is not known. */
function stageTotal(job: Job, stage: Stage): number | null {
  switch (stage.kind) {
    case 'INGEST':
      return stage.total ?? null;
    case 'ITEMS':
      // One that is opened again has done a part of it.
      return job.pending + stage.completed;
    case 'ONCE':
      return 1;
  }
}

/** Once for a job: in a redrive the chunks of the first item stage were cut when their items were selected. Those of the canary hold no others. */
async function cutFirstChunks(client: PoolClient, job: Job, stage: Stage, canary: RunningCanary | null): Promise<void> {
  const at = { jobId: job.id, stage: stage.position };
  if (await hasChunk(client, { ...at, generation: 0, index: 0 })) return;
  const size = await chooseJobChunkSize(client, job, job.total);
  const cut = { ...at, size, priority: job.chunkPriority };
  const first = canary?.items ?? 0;
  if (isKeyed(job)) {
    const { lockKey } = job;
    await cutKeyedChunks(client, { ...cut, firstItem: 0, endItem: first, lockKey });
    await cutKeyedChunks(client, { ...cut, firstItem: first, endItem: job.total, lockKey });
    return;
  }
  await cutChunks(client, { ...cut, firstItem: 0, endItem: first, firstIndex: 0 });
  await cutChunks(client, { ...cut, firstItem: first, endItem: job.total, firstIndex: Math.ceil(first / size) });
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
