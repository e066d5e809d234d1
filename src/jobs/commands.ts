import type { Job } from '../database/entities/job.ts';
import type { Caller } from '../domain/caller.ts';
import type { ExportRequest } from '../domain/export.ts';
import type { JobSource, Priority, ValidationLevel } from '../domain/job.ts';
import type { Scope } from '../domain/scope.ts';

/** Who asks: every use case sees only what belongs to this project. */
export interface Viewer {
  projectId: string;
  projectName: string;
  caller: Caller;
  /** Those that are included by others too; none for a follow token. */
  scopes: readonly Scope[];
  /** The only job that a follow token shows; null for everybody else. */
  jobId: string | null;
  /** When the credentials are refused by themselves; null when never. */
  expiresAt: Date | null;
}

/** Limits of one job's own. */
export interface JobLimits {
  /** Most items that begin a stage in a second. */
  itemsPerSecond?: number | null;
}

export interface SubmitJobCommand {
  title: string;
  /** Name of the job type. */
  type: string;
  /** Checked against the job type's options schema. */
  options: unknown;
  source: JobSource;
  priority: Priority;
  chunkPriority: number;
  chunkSize: number | null;
  validation: ValidationLevel;
  idempotencyKey: string | null;
  metadata: Record<string, unknown>;
  estimatedMinutes: number | null;
  limits?: JobLimits | null;
  exports: ExportRequest[];
}

export interface SubmittedJob {
  job: Job;
  /** False when the idempotency key named a job that was there already. */
  created: boolean;
  estimatedDurationMs: number | null;
}

/** Everything that changes a job. Each throws NotFoundError for a job of another project, ConflictError where the state forbids it. */
export interface JobCommands {
  /** @throws InvalidInputError, ConflictError (same key, other input), NotFoundError (upload) */
  submitJob(viewer: Viewer, command: SubmitJobCommand): Promise<SubmittedJob>;
  pauseJob(viewer: Viewer, jobId: string): Promise<Job>;
  resumeJob(viewer: Viewer, jobId: string): Promise<Job>;
  cancelJob(viewer: Viewer, jobId: string): Promise<Job>;
  retryJob(viewer: Viewer, jobId: string): Promise<Job>;
  deleteJob(viewer: Viewer, jobId: string): Promise<void>;
}
