import type { Job } from '../database/entities/job.ts';
import type { Caller } from '../domain/caller.ts';
import type { ExportRequest } from '../domain/export.ts';
import type { Canary } from '../domain/canary.ts';
import type { ExecutionWindow } from '../domain/execution-window.ts';
import type { FailureBreaker } from '../domain/failure-breaker.ts';
import type { Budget, DeadlineAction } from '../domain/guard-rails.ts';
import type { JobFilter } from '../domain/job-filter.ts';
import type { JobSource, Priority, ValidationLevel } from '../domain/job.ts';
import type { RedriveRequest } from '../domain/redrive.ts';
import type { Scope } from '../domain/scope.ts';
import type { JobEstimate } from './estimate/job-estimate.ts';
import type { DeletedJobs } from './delete-jobs.ts';

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
  /** Chunks that run at a time. */
  chunksAtOnce?: number | null;
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
  /** The rate; how much runs at a time is a guard rail. */
  limits?: Pick<JobLimits, 'itemsPerSecond'> | null;
  /** Path of a field, dots between: items with the same value never run in two chunks at a time. */
  lockKey?: string | undefined;
  exports: ExportRequest[];
  /** None when left out. */
  guardRails?: GuardRailsCommand;
}

/** What can be changed while the job is there: left out, it stays as it is; null takes it away. */
export interface JobLimitsCommand {
  /** Counted from now on. */
  deadlineMinutes?: number | null;
  /** Without a deadline it says nothing. */
  onDeadline?: DeadlineAction;
  window?: ExecutionWindow | null;
  breaker?: FailureBreaker | null;
  budget?: Budget | null;
  limits?: JobLimits | null;
}

export interface GuardRailsCommand extends JobLimitsCommand {
  startAt?: Date | null;
  canary?: Canary | null;
  dryRun?: boolean;
}

export interface SubmittedJob {
  job: Job;
  /** False when the idempotency key named a job that was there already. */
  created: boolean;
  /** What it should take from now on, worked out when it is first asked for: that can take a look at its source. */
  estimate(): Promise<JobEstimate>;
}

export interface RetryCommand {
  /** What runs again, of a job that ran to its end. */
  request: RedriveRequest;
  /** Options for this run and those after it, whole; null for those that the job has. */
  spec: { type: string; options: unknown } | null;
  /** Most items that begin a stage in a second, in this run and those after it; null for the rate that the job has. */
  itemsPerSecond: number | null;
}

/** Everything that changes a job. Each throws NotFoundError for a job of another project, ConflictError where the state forbids it. */
export interface JobCommands {
  /** What `submitJob` would do with the same, without doing anything. @throws InvalidInputError, NotFoundError, ConflictError, StorageRefusedError, ProviderError (source) */
  estimateJob(viewer: Viewer, command: SubmitJobCommand): Promise<JobEstimate>;
  /** @throws InvalidInputError, ConflictError (same key, other input), NotFoundError (upload) */
  submitJob(viewer: Viewer, command: SubmitJobCommand): Promise<SubmittedJob>;
  pauseJob(viewer: Viewer, jobId: string): Promise<Job>;
  resumeJob(viewer: Viewer, jobId: string): Promise<Job>;
  /** Lets the rest of a job run whose canary waits for it. */
  approveJob(viewer: Viewer, jobId: string): Promise<Job>;
  /** @throws InvalidInputError */
  updateJobLimits(viewer: Viewer, jobId: string, limits: JobLimitsCommand): Promise<Job>;
  cancelJob(viewer: Viewer, jobId: string): Promise<Job>;
  /**
   * Without a command: all failures, with the same options.
   * @throws InvalidInputError, LimitExceededError (too much chosen, or a chunk retried too often)
   */
  retryJob(viewer: Viewer, jobId: string, command?: RetryCommand): Promise<Job>;
  deleteJob(viewer: Viewer, jobId: string): Promise<void>;
  /** All that match and have ended. */
  deleteJobs(viewer: Viewer, filter: JobFilter): Promise<DeletedJobs>;
}
