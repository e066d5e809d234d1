import { UniqueConstraintViolationException, type EntityManager } from '@mikro-orm/postgresql';
import { ExportEntity } from '../database/entities/export.ts';
import { JobEventEntity } from '../database/entities/job-event.ts';
import { JobEntity, type Job } from '../database/entities/job.ts';
import { SheetWriteBackEntity } from '../database/entities/sheet-write-back.ts';
import { StageEntity } from '../database/entities/stage.ts';
import { newId } from '../database/new-id.ts';
import { toError } from '../domain/errors.ts';
import type { ExportRequest } from '../domain/export.ts';
import { headStartMs } from '../domain/line.ts';
import { noItems } from '../domain/item-counts.ts';
import { ingestStageName } from '../domain/stage-plan.ts';
import type { JobType } from '../job-types/define-job-type.ts';
import { stagesToRun } from '../job-types/stages-to-run.ts';
import type { SubmitJobCommand, Viewer } from './commands.ts';
import { storeGuardRails } from './guard-rails/store-guard-rails.ts';
import type { HeldTemplate } from '../database/sql/templates/hold-job-template.ts';
import { holdForJob } from '../templates/hold-template.ts';
import { freezeSource } from './freeze-source.ts';

interface CheckedJob {
  jobType: JobType;
  /** As they are stored. */
  options: Record<string, unknown>;
  lockKey: string | null;
  inputHash: string;
}

/** A job as it is submitted: nothing of it has run, and what it reads is not held yet. */
export function buildJob(
  viewer: Viewer,
  command: SubmitJobCommand,
  { jobType, options, lockKey, inputHash }: CheckedJob,
): Omit<Job, 'source'> {
  const now = new Date();
  return {
    id: newId(),
    projectId: viewer.projectId,
    key: command.idempotencyKey,
    inputHash,
    type: jobType.name,
    title: command.title.trim(),
    state: 'PENDING',
    pauseReason: null,
    priority: command.priority,
    chunkPriority: command.chunkPriority,
    chunkSize: command.chunkSize,
    validation: command.validation,
    options,
    metadata: command.metadata,
    itemsPerSecond: command.limits?.itemsPerSecond ?? null,
    lockKey,
    estimatedMinutes: command.estimatedMinutes,
    createdBy: viewer.caller,
    generation: 0,
    lastSequence: 1,
    ...noItems,
    currentStage: null,
    error: null,
    problems: null,
    aggregates: null,
    lineAt: new Date(now.getTime() - headStartMs[command.priority]),
    createdAt: now,
    startedAt: null,
    updatedAt: now,
    completedAt: null,
    settledAt: null,
    deadlineAt: null,
    pausedAt: null,
    pausedMs: 0,
    deletedAt: null,
    itemsDeletedAt: null,
    purgeAt: null,
  };
}

interface Submitted {
  jobType: JobType;
  command: SubmitJobCommand;
  /** What of templates its options name. */
  held: HeldTemplate | null;
  secret: string;
}

/** Stores a job with all that belongs to it in one transaction. Null when another request stored a job under the same key first. */
export async function storeJob(
  em: EntityManager,
  viewer: Viewer,
  job: Omit<Job, 'source'>,
  { jobType, command, held, secret }: Submitted,
): Promise<Job | null> {
  const run = stagesToRun(jobType, { options: job.options, isDryRun: command.guardRails?.dryRun ?? false });
  const stages = [{ name: ingestStageName, kind: 'INGEST' as const, external: false }, ...run];
  try {
    return await em.transactional(async (transaction) => {
      const source = await freezeSource(transaction, viewer.projectId, command.source, secret);
      await transaction.insert(JobEntity, { ...job, source });
      if (held) await holdForJob(transaction, job, held);
      await transaction.insertMany(
        StageEntity,
        stages.map(({ name, kind, external }, position) => ({
          jobId: job.id,
          position,
          name,
          kind,
          external,
          state: 'PENDING' as const,
          metadata: {},
        })),
      );
      await transaction.insertMany(
        ExportEntity,
        command.exports.map((request) => buildExport(job, request)),
      );
      if (source.kind === 'googleSheet' && source.writeBack) {
        await transaction.insert(SheetWriteBackEntity, { jobId: job.id, state: 'PENDING' });
      }
      await transaction.insert(JobEventEntity, {
        jobId: job.id,
        sequence: 1,
        type: 'JobSubmitted',
        data: { title: job.title, type: job.type, priority: job.priority, by: viewer.caller.name },
      });
      const deadlineAt = await storeGuardRails(transaction, job, jobType, command.guardRails);
      return { ...job, source, deadlineAt };
    });
  } catch (thrown) {
    if (thrown instanceof UniqueConstraintViolationException && job.key !== null) return null;
    throw toError(thrown);
  }
}

function buildExport(job: Pick<Job, 'id' | 'projectId'>, request: ExportRequest) {
  return {
    id: newId(),
    jobId: job.id,
    projectId: job.projectId,
    format: request.format,
    content: request.content,
    fileNamePrefix: request.fileNamePrefix ?? null,
    columns: request.columns ? [...request.columns] : null,
    state: 'PENDING' as const,
    atCompletion: true,
  };
}
