import { createHash } from 'node:crypto';
import { UniqueConstraintViolationException, type EntityManager } from '@mikro-orm/postgresql';
import { z } from 'zod';
import type { Database } from '../database/database.ts';
import { ExportEntity } from '../database/entities/export.ts';
import { JobEventEntity } from '../database/entities/job-event.ts';
import { JobEntity, type Job } from '../database/entities/job.ts';
import { StageEntity } from '../database/entities/stage.ts';
import { UploadEntity, type Upload } from '../database/entities/upload.ts';
import { newId } from '../database/new-id.ts';
import { findUnstorable } from '../database/storable-json.ts';
import { chunkSizeLimits } from '../domain/chunk-ranges.ts';
import {
  ConflictError,
  InvalidInputError,
  LimitExceededError,
  NotFoundError,
  toError,
  type InputIssue,
} from '../domain/errors.ts';
import { assertExportable, type ExportRequest } from '../domain/export.ts';
import { maxInlineItems } from '../domain/job.ts';
import { ingestStageName } from '../domain/stage-plan.ts';
import type { JobType } from '../job-types/define-job-type.ts';
import { getJobType } from '../job-types/registry.ts';
import { createItemValidator } from '../job-types/validate-item.ts';
import type { SubmitJobCommand, SubmittedJob, Viewer } from './commands.ts';
import { estimateDurationMs } from './estimate-duration.ts';
import type { WorkflowStarter } from './workflow-starter.ts';

const maxMetadataBytes = 64 * 1024;
const maxExports = 10;

export interface SubmitJobDeps {
  database: Database;
  workflows: WorkflowStarter;
}

/** Stores the job, its stages, its requested exports and journal entry 1 in one transaction; only then Temporal is told. */
export function createSubmitJob({ database, workflows }: SubmitJobDeps) {
  return async (viewer: Viewer, command: SubmitJobCommand): Promise<SubmittedJob> => {
    const jobType = getJobType(command.type);
    const options = parseOptions(jobType, command.options);
    assertCommand(command);
    const inputHash = hashInput({ ...command, options });
    const em = database.em();
    const known = await findByKey(em, viewer, command.idempotencyKey);
    if (known) return repeated(em, known, inputHash);
    if (command.validation === 'STRICT') assertInlineItems(jobType, command);
    const upload = await findUpload(em, viewer, command);

    const job = buildJob(viewer, command, jobType, options, inputHash);
    const stored = await storeJob(em, viewer, job, jobType, command);
    if (!stored) return repeated(em, await getByKey(em, viewer, command.idempotencyKey), inputHash);
    await workflows.wakeJob(job.id);
    return { job, created: true, estimatedDurationMs: await estimateDurationMs(em, job, jobType, upload) };
  };

  async function repeated(em: EntityManager, job: Job, inputHash: string): Promise<SubmittedJob> {
    if (job.inputHash !== inputHash) {
      throw new ConflictError(
        `The idempotency key "${job.key}" belongs to job ${job.id}, which was submitted with another input. Send the same input, or another key.`,
        { state: job.state },
      );
    }
    return { job, created: false, estimatedDurationMs: await estimateDurationMs(em, job, getJobType(job.type), null) };
  }
}

function parseOptions(jobType: JobType, options: unknown): Record<string, unknown> {
  const parsed = jobType.options.safeParse(options);
  if (parsed.success) return parsed.data;
  throw new InvalidInputError(
    `The options of ${jobType.name} are not right.`,
    toIssues(parsed.error, ['spec', jobType.name]),
  );
}

function toIssues(error: z.ZodError, prefix: string[]): InputIssue[] {
  return error.issues.map((issue) => ({
    path: [...prefix, ...issue.path.map(String)],
    message: issue.message,
    row: null,
    field: issue.path.length > 0 ? issue.path.join('.') : null,
  }));
}

const commandSchema = z.object({
  title: z.string().trim().min(1, 'must not be empty').max(200),
  chunkPriority: z.number().int().min(0).max(10),
  chunkSize: z.number().int().min(chunkSizeLimits.min).max(chunkSizeLimits.max).nullable(),
  idempotencyKey: z.string().min(1).max(200).nullable(),
  estimatedMinutes: z.number().int().min(1).max(525_600).nullable(),
  metadata: z
    .record(z.string(), z.unknown())
    .refine(
      (metadata) => JSON.stringify(metadata).length <= maxMetadataBytes,
      `must be at most ${maxMetadataBytes} bytes of JSON`,
    ),
  exports: z.array(z.unknown()).max(maxExports, `must be at most ${maxExports}`),
});

function assertCommand(command: SubmitJobCommand): void {
  const parsed = commandSchema.safeParse(command);
  if (!parsed.success)
    throw new InvalidInputError('The job cannot be submitted like this.', toIssues(parsed.error, []));
  const unstorable = findUnstorable({
    title: command.title,
    metadata: command.metadata,
    options: command.options,
    source: command.source,
  });
  if (unstorable) {
    const message = `${unstorable.path.join('.')} ${unstorable.message}`;
    throw new InvalidInputError(message, [
      { path: unstorable.path, message: unstorable.message, row: null, field: null },
    ]);
  }
  for (const request of command.exports) assertExportable(request);
  if (command.source.kind === 'inline' && command.source.items.length > maxInlineItems) {
    throw new LimitExceededError(
      `A request carries at most ${maxInlineItems} items, not ${command.source.items.length}. Send more as a file: createUpload.`,
      { limit: maxInlineItems },
    );
  }
}

/** STRICT items that came with the request are refused with the request. */
function assertInlineItems(jobType: JobType, command: SubmitJobCommand): void {
  if (command.source.kind !== 'inline') return;
  const validate = createItemValidator(jobType, 'STRICT');
  const issues = command.source.items.flatMap((item, index): InputIssue[] => {
    const checked = validate(item);
    if (checked.ok) return [];
    return checked.issues.map((issue) => ({
      path: ['source', 'inline', 'items', String(index), ...(issue.field ? [issue.field] : [])],
      message: issue.message,
      row: index + 1,
      field: issue.field,
    }));
  });
  if (issues.length > 0)
    throw new InvalidInputError(`${issues.length} problems in the items; STRICT takes none.`, issues.slice(0, 100));
}

/** Over everything that was asked for, whatever the order of its keys. */
function hashInput(input: unknown): string {
  const sorted = JSON.stringify(input, (_, value: unknown) =>
    value !== null && typeof value === 'object' && !Array.isArray(value)
      ? Object.fromEntries(Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1)))
      : value,
  );
  return createHash('sha256').update(sorted).digest('hex');
}

async function findByKey(em: EntityManager, viewer: Viewer, key: string | null): Promise<Job | null> {
  if (key === null) return null;
  return await em.findOne(JobEntity, { projectId: viewer.projectId, key, deletedAt: null });
}

async function getByKey(em: EntityManager, viewer: Viewer, key: string | null): Promise<Job> {
  const job = await findByKey(em, viewer, key);
  if (!job) throw new ConflictError('A job with this idempotency key was deleted in this moment. Submit again.');
  return job;
}

async function findUpload(em: EntityManager, viewer: Viewer, { source }: SubmitJobCommand): Promise<Upload | null> {
  if (source.kind !== 'upload') return null;
  const upload = await em.findOne(UploadEntity, { id: source.uploadId, projectId: viewer.projectId });
  if (!upload) throw new NotFoundError(`There is no upload ${source.uploadId}.`);
  if (upload.receivedAt === null) {
    throw new ConflictError(`Upload ${upload.id} has no file yet: PUT it to its uploadUrl first.`, {
      state: 'PENDING',
    });
  }
  return upload;
}

function buildJob(
  viewer: Viewer,
  command: SubmitJobCommand,
  jobType: JobType,
  options: Record<string, unknown>,
  inputHash: string,
): Job {
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
    source: command.source,
    estimatedMinutes: command.estimatedMinutes,
    generation: 0,
    lastSequence: 1,
    total: 0,
    pending: 0,
    running: 0,
    succeeded: 0,
    failed: 0,
    skipped: 0,
    canceled: 0,
    currentStage: null,
    error: null,
    problems: null,
    aggregates: null,
    createdAt: now,
    startedAt: null,
    updatedAt: now,
    completedAt: null,
    deadlineAt: null,
    pausedAt: null,
    pausedMs: 0,
    deletedAt: null,
  };
}

/** False when another request stored a job under the same key first. */
async function storeJob(
  em: EntityManager,
  viewer: Viewer,
  job: Job,
  jobType: JobType,
  command: SubmitJobCommand,
): Promise<boolean> {
  const stages = [{ name: ingestStageName, kind: 'INGEST' as const }, ...jobType.stages];
  try {
    await em.transactional(async (transaction) => {
      await transaction.insert(JobEntity, job);
      await transaction.insertMany(
        StageEntity,
        stages.map(({ name, kind }, position) => ({
          jobId: job.id,
          position,
          name,
          kind,
          state: 'PENDING' as const,
          metadata: {},
        })),
      );
      await transaction.insertMany(
        ExportEntity,
        command.exports.map((request) => buildExport(job, request)),
      );
      await transaction.insert(JobEventEntity, {
        jobId: job.id,
        sequence: 1,
        type: 'JobSubmitted',
        data: { title: job.title, type: job.type, priority: job.priority, by: viewer.apiKeyName },
      });
    });
    return true;
  } catch (thrown) {
    if (thrown instanceof UniqueConstraintViolationException && job.key !== null) return false;
    throw toError(thrown);
  }
}

function buildExport(job: Job, request: ExportRequest) {
  return {
    id: newId(),
    jobId: job.id,
    projectId: job.projectId,
    format: request.format,
    content: request.content,
    fileNamePrefix: request.fileNamePrefix ?? null,
    state: 'PENDING' as const,
    atCompletion: true,
  };
}
