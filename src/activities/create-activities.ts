import { ApplicationFailure, Context } from '@temporalio/activity';
import { ApplicationFailureCategory } from '@temporalio/common';
import type { Logger } from 'pino';
import type { Config } from '../config.ts';
import type { Database } from '../database/database.ts';
import { JobEntity } from '../database/entities/job.ts';
import { isOutage } from '../database/is-outage.ts';
import { findStoppedJobs } from '../database/sql/find-stopped-jobs.ts';
import { assertDestination } from '../destinations/assert-destination.ts';
import type { DestinationAccess } from '../destinations/destinations.ts';
import type { Activities, StepOutcome } from '../domain/activities.ts';
import { DomainError, InvalidInputError, StorageRefusedError, toError } from '../domain/errors.ts';
import type { PlanLimits } from '../domain/partitions.ts';
import { weighJob } from '../database/sql/weigh-job.ts';
import { createAdvanceJob } from '../jobs/advance-job.ts';
import { failJob } from '../jobs/fail-job.ts';
import type { Line } from '../jobs/line.ts';
import type { WorkflowStarter } from '../jobs/workflow-starter.ts';
import type { RateLimiter } from '../limits/rate-limiter.ts';
import type { Metrics } from '../metrics/metrics.ts';
import type { SheetAccess } from '../sources/sheet/sheet-access.ts';
import type { UrlAccess } from '../sources/url/url-access.ts';
import type { FileStores } from '../item-files/file-stores.ts';
import type { ItemFileReads } from '../item-files/item-files.ts';
import type { Providers } from '../providers/providers.ts';
import type { WorkRoot } from '../providers/process/work-root.ts';
import { StorageProblemError } from '../storage/storage-problem.ts';
import type { Storage } from '../storage/storage.ts';
import { cleanUp } from './clean-up.ts';
import { fetchSource } from './fetch-source.ts';
import { ingestItems } from './ingest-items.ts';
import type { JobWatch } from './job-watch.ts';
import { listOpenChunks } from './list-open-chunks.ts';
import { purgeJobs } from './purge-jobs.ts';
import { KeysHeldError, runChunk, ServiceClosedError } from './run-chunk.ts';
import { runOnceStage } from './run-once-stage.ts';
import { selectRedriven } from './select-redrive.ts';
import { SupersededError } from './superseded-error.ts';
import { writeBack } from './write-back.ts';
import { writeExport } from './write-export.ts';

export interface ActivityDeps {
  database: Database;
  storage: Storage;
  stores: FileStores;
  itemFiles: Pick<ItemFileReads, 'listFiles' | 'link'>;
  providers: Providers;
  workRoot: WorkRoot;
  destinations: DestinationAccess;
  jobWatch: JobWatch;
  log: Logger;
  metrics: Metrics;
  rateLimiter: RateLimiter;
  line: Line;
  workflows: WorkflowStarter;
  /** How long a finished export can be downloaded, where its project says nothing. */
  exportTtlMs: number;
  maxExportBytes: number;
  plan: PlanLimits;
  urlAccess: UrlAccess;
  sheets: SheetAccess;
  config: Pick<Config, 'secret' | 'uploadTtlMs' | 'jobTtlMs' | 'itemTtlMs'>;
}

const heartbeatMs = 1_000;
/** A chunk whose lock keys are held asks again after twice this, then ever later. */
const shortestKeyWaitMs = 100;
const longestKeyWaitMs = 1_000;
/** A service that has just opened is asked after this. */
const shortestServiceWaitMs = 100;
/** A step that fails this often for a reason that is no outage is taken to fail for good. */
const maxFailingAttempts = 3;
/** About five minutes. */
const maxOutsideAttempts = 30;

/** The activities' Temporal side: heartbeats, cancellation and what a failure means; the work is in the functions they call. */
export function createActivities(deps: ActivityDeps): Activities {
  const advanceJob = createAdvanceJob(deps);
  return {
    advanceJob: (input) => whileAlive(() => advanceJob(input)),
    listOpenChunks: (input) => whileAlive(() => listOpenChunks(deps, input)),
    mayGoOn: ({ jobId }) => whileAlive(async () => (await findStoppedJobs(deps.database.pool, [jobId])).length === 0),
    ingestItems: (input) =>
      whileAlive(async (signal, heartbeat) => {
        const ended = await orFailJob(deps, input.jobId, async () => {
          await checkDestinationOf(deps, input.jobId);
          return input.generation === 0
            ? await ingest(deps, input.jobId, signal, heartbeat)
            : await selectRedriven(deps.database, { ...input, onBatch: () => heartbeat({}) });
        });
        return ended ?? 'DONE';
      }),
    runChunk: (chunk) =>
      whileAlive(async (signal) => {
        const outcome = await askAgain(() => runChunk(deps, { chunk, taskId: taskId(), signal }));
        return outcome === 'DONE' ? { fairnessWeight: await weighJob(deps.database.pool, chunk.jobId) } : outcome;
      }),
    runOnceStage: (input) =>
      whileAlive((signal) => orFailJob(deps, input.jobId, () => runOnceStage(deps, { ...input, signal }))),
    writeExport: ({ exportId }) =>
      whileAlive((signal, heartbeat) => writeExport(deps, { exportId, signal, heartbeat, isFinal: isLost })),
    writeBack: ({ jobId }) => whileAlive((signal) => writeBack(deps, { jobId, signal, isFinal: isHopeless })),
    purgeJobs: () => whileAlive(() => purgeJobs(deps)),
    cleanUp: () => whileAlive(() => cleanUp(deps)),
  };
}

async function checkDestinationOf({ database, destinations }: ActivityDeps, jobId: string): Promise<void> {
  const job = await database.em().findOne(JobEntity, { id: jobId }, { fields: ['projectId', 'options'] });
  if (job) await assertDestination(destinations, job.projectId, job.options);
}

/** The file of a URL, or the rows of a sheet, first: then it lies still like any other. */
async function ingest(
  deps: ActivityDeps,
  jobId: string,
  signal: AbortSignal,
  heartbeat: (details: unknown) => void,
): Promise<StepOutcome> {
  const fetched = await fetchSource(deps, { jobId, signal });
  return fetched === 'YIELDED' ? fetched : await ingestItems(deps, { jobId, signal, heartbeat });
}

/** Reports every second that the worker is alive, for as long as the work goes on. */
async function whileAlive<T>(
  work: (signal: AbortSignal, heartbeat: (details: unknown) => void) => Promise<T>,
): Promise<T> {
  const context = Context.current();
  const timer = setInterval(() => context.heartbeat(), heartbeatMs);
  try {
    return await work(context.cancellationSignal, (details) => context.heartbeat(details));
  } finally {
    clearInterval(timer);
  }
}

/** What a chunk waits for may take hours: until then Temporal asks again, without a trace in the history and without holding the worker up. */
async function askAgain<T>(step: () => Promise<T>): Promise<T> {
  try {
    return await step();
  } catch (thrown) {
    if (thrown instanceof KeysHeldError) throw toWait('KeysHeld', thrown, keyWaitMs());
    if (thrown instanceof ServiceClosedError)
      throw toWait('ServiceClosed', thrown, Math.max(thrown.forMs, shortestServiceWaitMs));
    throw thrown;
  }
}

/** Keys come free when some chunk ends, which takes seconds. */
function keyWaitMs(): number {
  return Math.min(shortestKeyWaitMs * 2 ** Context.current().info.attempt, longestKeyWaitMs);
}

function toWait(type: string, { message }: Error, nextRetryDelay: number): ApplicationFailure {
  return ApplicationFailure.create({ message, type, category: ApplicationFailureCategory.BENIGN, nextRetryDelay });
}

/** A step that cannot succeed ends its job, with the reason; everything else is tried again by Temporal. */
async function orFailJob<T>(deps: ActivityDeps, jobId: string, step: () => Promise<T>): Promise<T | undefined> {
  try {
    return await step();
  } catch (thrown) {
    const error = toError(thrown);
    if (!isPermanent(error)) throw error;
    deps.log.warn({ event: 'job_failed', job_id: jobId, err: error });
    const problems = error instanceof InvalidInputError ? error.issues : undefined;
    await failJob(deps.database, { jobId, message: error.message, problems });
    return undefined;
  }
}

function isPermanent(error: Error): boolean {
  // A later attempt has the word.
  if (error instanceof SupersededError) return false;
  if (error instanceof DomainError) return !error.retryable;
  return (
    !isOutage(error) &&
    // Whoever set the storage up can put it right, and the job goes on.
    !(error instanceof StorageProblemError) &&
    Context.current().info.attempt >= maxFailingAttempts &&
    !Context.current().cancellationSignal.aborted
  );
}

/** Nobody waits for ever for an outside service that the job itself no longer needs; an outage of our own is waited for. */
function isHopeless(error: Error): boolean {
  return isPermanent(error) || (hasTriedLong() && !isOutage(error));
}

/** The same of an export: nothing but a destination that files lie at is outside. */
function isLost(error: Error): boolean {
  return isPermanent(error) || (hasTriedLong() && error instanceof StorageRefusedError);
}

function hasTriedLong(): boolean {
  const { info, cancellationSignal } = Context.current();
  return info.attempt >= maxOutsideAttempts && !cancellationSignal.aborted;
}

function taskId(): string {
  const { activityId, attempt, workflowExecution } = Context.current().info;
  return `${workflowExecution?.runId ?? 'none'}/${activityId}/${attempt}`;
}
