import type { Job } from '../database/entities/job.ts';
import type { Caller } from '../domain/caller.ts';
import type { ExportRequest } from '../domain/export.ts';
import type { JobSource, Priority, ValidationLevel } from '../domain/job.ts';
import type { RedriveRequest } from '../domain/redrive.ts';
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
  exports: ExportRequest[];
}

export interface SubmittedJob {
  job: Job;
  /** False when the idempotency key named a job that was there already. */
  created: boolean;
  estimatedDurationMs: number | null;
}

export interface RetryCommand {
  /** What runs again, of a job that ran to its end. */
  request: RedriveRequest;
  /** Options for this run and those after it, whole; null for those that the job has. */
  spec: { type: string; options: unknown } | null;
}

/** Everything that changes a job. Each throws NotFoundError for a job of another project, ConflictError where the state forbids it. */
export interface JobCommands {
  /** @throws InvalidInputError, ConflictError (same key, other input), NotFoundError (upload) */
  submitJob(viewer: Viewer, command: SubmitJobCommand): Promise<SubmittedJob>;
  pauseJob(viewer: Viewer, jobId: string): Promise<Job>;
  resumeJob(viewer: Viewer, jobId: string): Promise<Job>;
  cancelJob(viewer: Viewer, jobId: string): Promise<Job>;
  /**
   * Without a command: all failures, with the same options.
   * @throws InvalidInputError, LimitExceededError (too much chosen, or a chunk retried too often)
   */
  retryJob(viewer: Viewer, jobId: string, command?: RetryCommand): Promise<Job>;
  deleteJob(viewer: Viewer, jobId: string): Promise<void>;
}
