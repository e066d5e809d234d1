import type { PoolClient } from 'pg';
import type { Database } from '../../database/database.ts';
import type { Job } from '../../database/entities/job.ts';
import type { Stage } from '../../database/entities/stage.ts';
import { appendJobEvent } from '../../database/sql/append-job-event.ts';
import { delayStage } from '../../database/sql/delay-stage.ts';
import { closeGate } from '../../database/sql/job-gate.ts';
import { listStages } from '../../database/sql/list-stages.ts';
import { lockJob } from '../../database/sql/lock-job.ts';
import { readItemCounts } from '../../database/sql/read-item-counts.ts';
import { endStage, startStage } from '../../database/sql/set-stage-state.ts';
import { updateDrivenStage } from '../../database/sql/update-driven-stage.ts';
import { findUnstorable } from '../../database/storable-json.ts';
import { ConflictError, InvalidInputError, NotFoundError } from '../../domain/errors.ts';
import { allowedActions } from '../../domain/job-state.ts';
import { applyFigures, type ReportedFigures } from '../../domain/outside-work.ts';
import { canSee } from '../can-see.ts';
import type { Viewer } from '../commands.ts';
import { failLockedJob } from '../fail-job.ts';
import type { WorkflowStarter } from '../workflow-starter.ts';

/** What a service says of a stage that it drives. `metadata` is added to what the stage has noted. */
export interface StageReport extends ReportedFigures {
  jobId: string;
  /** Name of the stage. */
  stage: string;
  metadata: Record<string, unknown>;
}

export interface StageFailure extends StageReport {
  error: string;
  /** Milliseconds after which the stage may be started again; null fails the job. */
  retryAfterMs: number | null;
}

/**
 * What services outside call to drive the stages of their jobs. Each throws NotFoundError (job, stage), ConflictError (the job or the
 * stage is not in the state for it) and InvalidInputError (figures, metadata), and answers the job.
 */
export interface ExternalStages {
  startStage(viewer: Viewer, report: StageReport): Promise<Job>;
  updateStageProgress(viewer: Viewer, report: StageReport): Promise<Job>;
  /** Of a stage that is COMPLETED already: nothing, so that it can be repeated. */
  completeStage(viewer: Viewer, report: StageReport): Promise<Job>;
  failStage(viewer: Viewer, failure: StageFailure): Promise<Job>;
}

const maxMetadataBytes = 64 * 1024;

interface Locked {
  client: PoolClient;
  job: Job;
  stage: Stage;
  stages: Stage[];
}

/** Moves stages of services, and wakes the job when one has ended. */
export function createExternalStages({
  database,
  workflows,
}: {
  database: Database;
  workflows: WorkflowStarter;
}): ExternalStages {
  async function change(viewer: Viewer, report: StageReport, apply: (locked: Locked) => Promise<void>): Promise<Job> {
    assertMetadata(report.metadata);
    return await database.transaction(async (client) => {
      await closeGate(client, report.jobId);
      const job = await lockJob(client, database.em(), report.jobId);
      if (!job || !canSee(viewer, job)) throw new NotFoundError(`There is no job ${report.jobId}.`);
      const stages = await listStages(client, job.id);
      await apply({ client, job, stages, stage: getDrivenStage(job, stages, report.stage) });
      return (await lockJob(client, database.em(), job.id)) ?? job;
    });
  }

  async function changeAndWake(...parameters: Parameters<typeof change>): Promise<Job> {
    const job = await change(...parameters);
    await workflows.wakeJob(job.id);
    return job;
  }

  return {
    startStage: (viewer, report) =>
      change(viewer, report, async (locked) => {
        assertStartable(locked);
        const { client, job, stage } = locked;
        const figures = await storeReport(locked, report);
        await startStage(client, job.id, { ...stage, ...figures }, figures.total);
      }),
    updateStageProgress: (viewer, report) =>
      change(viewer, report, async (locked) => {
        assertDriven(locked);
        const { client, job, stage } = locked;
        const figures = await storeReport(locked, report);
        const counts = await readItemCounts(client, job.id);
        const { name, generation } = stage;
        await appendJobEvent(client, job.id, 'StageProgressed', { stage: name, generation, ...figures, counts });
      }),
    completeStage: (viewer, report) =>
      changeAndWake(viewer, report, async (locked) => {
        if (locked.stage.state === 'COMPLETED') return;
        assertDriven(locked);
        await storeReport(locked, report);
        await endStage(locked.client, locked.job.id, locked.stage, 'COMPLETED');
      }),
    failStage: (viewer, failure) =>
      changeAndWake(viewer, failure, async (locked) => {
        assertDriven(locked);
        const { client, job, stage } = locked;
        const figures = await storeReport(locked, failure);
        const { error, retryAfterMs } = failure;
        if (retryAfterMs === null) return await failLockedJob(client, job, { message: error });
        const retryAt = new Date(Date.now() + retryAfterMs);
        await delayStage(client, { jobId: job.id, position: stage.position, error, retryAt });
        const { name, generation } = stage;
        const data = { stage: name, generation, ...figures, error, retryAt: retryAt.toISOString() };
        await appendJobEvent(client, job.id, 'StageDelayed', data);
      }),
  };
}

/** Stores what was reported and answers the figures after it. */
async function storeReport({ client, job, stage }: Locked, report: StageReport) {
  const { total = null, completed, failed } = stage;
  const figures = applyFigures({ total, completed, failed }, report);
  const { position } = stage;
  await updateDrivenStage(client, { jobId: job.id, position, ...figures, metadata: report.metadata });
  return figures;
}

function getDrivenStage(job: Job, stages: readonly Stage[], name: string): Stage {
  const driven = stages.filter(({ kind, external }) => external && kind === 'ONCE');
  const stage = driven.find((each) => each.name === name);
  if (stage) return stage;
  const names = driven.map((each) => each.name).join(', ') || 'none';
  throw new NotFoundError(
    `Job ${job.id} has no stage ${JSON.stringify(name.slice(0, 100))} that is driven from outside. There are: ${names}.`,
  );
}

function assertRunning(job: Job): void {
  if (job.state === 'RUNNING') return;
  const hint = job.state === 'PENDING' ? 'It will be RUNNING soon: try again in a second.' : 'Its stages stand still.';
  throw new ConflictError(`Job ${job.id} is ${job.state}. ${hint}`, {
    state: job.state,
    allowedActions: allowedActions(job),
  });
}

function assertStartable({ job, stage, stages }: Locked): void {
  assertRunning(job);
  const open = stages.find(
    ({ position, state }) => position < stage.position && state !== 'COMPLETED' && state !== 'SKIPPED',
  );
  if (open)
    throw new ConflictError(`Stage ${stage.name} waits for the stage ${open.name}, which is ${open.state}.`, {
      state: stage.state,
    });
  if (stage.state !== 'PENDING')
    throw new ConflictError(`Stage ${stage.name} is ${stage.state}: only a PENDING stage can be started.`, {
      state: stage.state,
    });
  if (stage.retryAt && stage.retryAt.getTime() > Date.now())
    throw new ConflictError(
      `Stage ${stage.name} failed, and is to be started again at ${stage.retryAt.toISOString()}.`,
      {
        state: stage.state,
      },
    );
}

function assertDriven({ job, stage }: Locked): void {
  assertRunning(job);
  if (stage.state === 'RUNNING') return;
  throw new ConflictError(`Stage ${stage.name} is ${stage.state}, not RUNNING: start it first with startStage.`, {
    state: stage.state,
  });
}

function assertMetadata(metadata: Record<string, unknown>): void {
  const unstorable = findUnstorable(metadata);
  const isLarge = JSON.stringify(metadata).length > maxMetadataBytes;
  if (!unstorable && !isLarge) return;
  const message = unstorable?.message ?? `must be at most ${maxMetadataBytes} bytes of JSON`;
  const path = ['metadata', ...(unstorable?.path ?? [])];
  throw new InvalidInputError(`${path.join('.')} ${message}.`, [{ path, message, row: null, field: 'metadata' }]);
}
