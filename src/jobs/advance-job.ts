import type { PoolClient } from 'pg';
import type { Database } from '../database/database.ts';
import type { Job } from '../database/entities/job.ts';
import type { Stage } from '../database/entities/stage.ts';
import { cancelRemainingItems } from '../database/sql/cancel-remaining-items.ts';
import { findLastChunk } from '../database/sql/find-last-chunk.ts';
import { findOpenChunks } from '../database/sql/find-open-chunks.ts';
import { findRequestedExports } from '../database/sql/find-requested-exports.ts';
import { hasChunk } from '../database/sql/has-chunk.ts';
import { closeOpenItems } from '../database/sql/item-files/close-open-items.ts';
import { closeGate } from '../database/sql/job-gate.ts';
import { hasPendingWriteBack } from '../database/sql/has-pending-write-back.ts';
import { listStages } from '../database/sql/list-stages.ts';
import { lockJob } from '../database/sql/lock-job.ts';
import { endStage } from '../database/sql/set-stage-state.ts';
import type { Activities, NextStep } from '../domain/activities.ts';
import { isTerminal } from '../domain/job-state.ts';
import { windowLimits, type PlanLimits } from '../domain/partitions.ts';
import { makesFiles } from '../job-types/makes-files.ts';
import { guardJob } from './guard-rails/guard-job.ts';
import { completeCanary, findRunningCanary, type RunningCanary } from './guard-rails/run-canary.ts';
import { endOf, laneOf } from './lane.ts';
import type { Line } from './line.ts';
import { openLane } from './open-lane.ts';
import { planChunks, toChunkStep, waitOutside } from './plan-chunks.ts';
import type { Planning } from './planning.ts';
import { setJobState } from './set-job-state.ts';
import { settlePause } from './settle-pause.ts';
import type { WorkflowStarter } from './workflow-starter.ts';

const by = 'longhaul';

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

/** True in the middle of a stage that was or may have been run in partitions. */
async function mayHaveLanes({ client, job, plan, stages }: Planning): Promise<boolean> {
  const stage = stages.find(({ kind, state }) => kind === 'ITEMS' && state === 'RUNNING');
  if (!stage || stage.external) return false;
  const at = { jobId: job.id, stage: stage.position, generation: job.generation };
  return await hasChunk(client, { ...at, index: plan.directChunks });
}

async function nextStep(planning: Planning): Promise<NextStep> {
  const { client, job } = planning;
  const held = await guardJob(client, job, planning.line);
  if (held) return held;
  switch (job.state) {
    case 'PENDING':
      if (!(await planning.line.mayStart(client, job))) return { kind: 'WAIT' };
      await setJobState(client, job, { to: 'RUNNING', by });
      return (await guardJob(client, job, planning.line)) ?? (await nextStage(planning));
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
      if (makesFiles(job)) await closeOpenItems(client, job.id);
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
    const lane = laneOf(planning, stage);
    await openLane(planning, lane);
    const step = await stepOf(planning, stage, lane);
    if (step) return step;
    for (const each of lane) {
      await endStage(client, job.id, each, 'COMPLETED');
      each.state = 'COMPLETED';
    }
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

/** The items of the canary go through all item stages before any other; null when the others need not wait. */
async function nextCanaryStep(planning: Planning, canary: RunningCanary): Promise<NextStep | null> {
  const { client, job, stages, plan } = planning;
  for (const stage of stages.filter(({ kind }) => kind === 'ITEMS')) {
    const lane = laneOf(planning, stage);
    if (stage !== lane[0]) continue;
    // It stays open for the other items.
    await openLane(planning, lane, canary);
    const at = { jobId: job.id, stage: endOf(lane).position, generation: job.generation };
    const last = await findLastChunk(client, { ...at, endItem: canary.items });
    const indexes = await findOpenChunks(client, { ...at, first: 0, last, limit: plan.directChunks });
    if (indexes.length > 0) return await toChunkStep(planning, lane, indexes);
  }
  return (await completeCanary(client, job, canary)) ? await guardJob(client, job, planning.line) : null;
}

/** What is left to run of an open stage; null when it is done. */
async function stepOf(planning: Planning, stage: Stage, lane: Stage[]): Promise<NextStep | null> {
  const { generation } = planning.job;
  switch (stage.kind) {
    case 'INGEST':
      return { kind: 'INGEST', generation };
    case 'ONCE':
      if (stage.external) return await waitOutside(planning);
      return { kind: 'ONCE', stage: stage.position, generation };
    case 'ITEMS':
      return await planChunks(planning, lane);
  }
}

function allFailed(job: Job): boolean {
  return job.total > 0 && job.failed === job.total;
}

/** Every stage has ended: the exports that were asked for, what the sheet is told, then the end. */
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
  if (await hasPendingWriteBack(client, job.id)) return { kind: 'WRITE_BACK' };
  await setJobState(client, job, { to: 'COMPLETED', by });
  return { kind: 'END' };
}

/** A job that was canceled or failed still delivers what was asked for, and tells its sheet. */
async function remainingExports(client: PoolClient, job: Job): Promise<NextStep> {
  if (!isTerminal(job.state)) return { kind: 'END' };
  const exportIds = await findRequestedExports(client, job.id);
  if (exportIds.length > 0) return { kind: 'EXPORTS', exportIds };
  return (await hasPendingWriteBack(client, job.id)) ? { kind: 'WRITE_BACK' } : { kind: 'END' };
}
