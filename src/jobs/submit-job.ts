import { createHash } from 'node:crypto';
import type { EntityManager } from '@mikro-orm/postgresql';
import type { Config } from '../config.ts';
import type { Database } from '../database/database.ts';
import { assertDestination } from '../destinations/assert-destination.ts';
import type { DestinationAccess } from '../destinations/destinations.ts';
import { UploadEntity, type Upload } from '../database/entities/upload.ts';
import { JobEntity, type Job } from '../database/entities/job.ts';
import { ConflictError } from '../domain/errors.ts';
import type { JobSource } from '../domain/job.ts';
import type { JobType } from '../job-types/define-job-type.ts';
import { getJobType } from '../job-types/registry.ts';
import type { Quotas } from '../limits/quotas.ts';
import { sampleSource } from '../sources/sample-source.ts';
import { toReadable } from '../sources/to-readable.ts';
import type { Storage } from '../storage/storage.ts';
import type { TemplateFreezer } from '../templates/freeze-template.ts';
import { assertCommand, assertInlineItems, parseOptions } from './check-command.ts';
import { assertSource } from './check-source.ts';
import type { JobCommands, SubmitJobCommand, SubmittedJob, Viewer } from './commands.ts';
import { assertGuardRails } from './guard-rails/check-guard-rails.ts';
import type { EstimateJob } from './estimate/estimate-job.ts';
import type { JobEstimate } from './estimate/job-estimate.ts';
import { findUpload } from './find-upload.ts';
import { freezeJob } from './freeze-source.ts';
import { buildJob, storeJob } from './store-job.ts';
import type { WorkflowStarter } from './workflow-starter.ts';

export interface SubmitJobDeps {
  database: Database;
  storage: Storage;
  destinations: Pick<DestinationAccess, 'checkDestination'>;
  workflows: WorkflowStarter;
  quotas: Pick<Quotas, 'spend'>;
  templates: Pick<TemplateFreezer, 'freeze' | 'resolve'>;
  estimateJob: EstimateJob;
  config: Pick<Config, 'secret'>;
}

/**
 * `submitJob` stores the job, its stages, its requested exports and journal entry 1 in one transaction; only then Temporal is told.
 * `estimateJob` checks the same, and does nothing.
 */
export function createSubmitJob(deps: SubmitJobDeps): Pick<JobCommands, 'submitJob' | 'estimateJob'> {
  const { database, storage, destinations, workflows, quotas, templates, estimateJob, config } = deps;

  return {
    submitJob: async (viewer, command) => {
      const checked = check(command);
      const { jobType, options } = checked;
      const inputHash = hashInput({ ...command, options });
      const em = database.em();
      const known = await findByKey(em, viewer, command.idempotencyKey);
      if (known) return repeated(viewer, known, checked, inputHash);
      const upload = await checkOutside(viewer, checked);
      await quotas.spend(viewer, 'SUBMITS');
      const frozen = await templates.freeze(viewer.projectId, jobType, options);
      const built = buildJob(viewer, command, jobType, frozen.options, inputHash);
      const job = await storeJob(em, viewer, built, { jobType, command, held: frozen.held, secret: config.secret });
      if (!job) return repeated(viewer, await getByKey(em, viewer, command.idempotencyKey), checked, inputHash);
      await workflows.wakeJob(job.id);
      return { job, created: true, estimate: estimateOf(viewer, job, checked, upload) };
    },

    estimateJob: async (viewer, command) => {
      const checked = check(command);
      const upload = await checkOutside(viewer, checked);
      const options = await templates.resolve(viewer.projectId, checked.jobType, checked.options);
      return await estimateJob({ ...checked, viewer, options, upload, jobId: null });
    },
  };

  function check(command: SubmitJobCommand): Checked {
    const jobType = getJobType(command.type);
    const options = parseOptions(jobType, command.options);
    assertCommand(jobType, command);
    assertGuardRails(jobType, options, command.guardRails ?? {});
    assertSource(jobType, command.source);
    return { jobType, options, command };
  }

  async function checkOutside(viewer: Viewer, { jobType, options, command }: Checked): Promise<Upload | null> {
    if (command.validation === 'STRICT') assertInlineItems(jobType, command);
    const upload = await findUpload(database.em(), viewer, command.source);
    await assertColumns(viewer, jobType, command.source);
    await assertDestination(destinations, viewer.projectId, options);
    return upload;
  }

  /** A name that the client got wrong is told at once, not by a job that fails. */
  async function assertColumns(viewer: Viewer, jobType: JobType, source: JobSource): Promise<void> {
    if (source.kind === 'inline' || !source.columns?.length) return;
    // No URL and no sheet is asked while a job is accepted: the job finds out.
    if (source.kind === 'url' || source.kind === 'googleSheet') return;
    const readable =
      source.kind === 'job'
        ? toReadable(await freezeJob(database.em(), viewer.projectId, source), database.pool)
        : source;
    await sampleSource(readable, { storage, fields: jobType.fieldNames }, { keep: 0 });
  }

  async function repeated(viewer: Viewer, job: Job, checked: Checked, inputHash: string): Promise<SubmittedJob> {
    if (job.inputHash !== inputHash) {
      throw new ConflictError(
        `The idempotency key "${job.key}" belongs to job ${job.id}, which was submitted with another input. Send the same input, or another key.`,
        { state: job.state },
      );
    }
    const { source } = checked.command;
    const upload =
      source.kind === 'upload'
        ? await database.em().findOne(UploadEntity, { id: source.uploadId, projectId: viewer.projectId })
        : null;
    return { job, created: false, estimate: estimateOf(viewer, job, checked, upload) };
  }

  /** Several fields of the answer show it. */
  function estimateOf(viewer: Viewer, { id: jobId, options }: Job, checked: Checked, upload: Upload | null) {
    let estimate: Promise<JobEstimate> | null = null;
    return () => (estimate ??= estimateJob({ ...checked, viewer, options, upload, jobId }));
  }
}

interface Checked {
  jobType: JobType;
  options: Record<string, unknown>;
  command: SubmitJobCommand;
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
