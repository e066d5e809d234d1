import type { Database } from '../../database/database.ts';
import { readClosedBuckets } from '../../database/sql/read-closed-buckets.ts';
import { DomainError } from '../../domain/errors.ts';
import { addDecimals, formatDecimal, parseDecimal } from '../../domain/exact-decimal.ts';
import type { RunningLimits } from '../../domain/line.ts';
import type { ItemEstimate, JobType, ProviderUse } from '../../job-types/define-job-type.ts';
import { providerBucket } from '../../job-types/find-provider.ts';
import { stagesToRun } from '../../job-types/stages-to-run.ts';
import type { Quotas } from '../../limits/quotas.ts';
import type { Viewer } from '../commands.ts';
import { itemCosts } from '../guard-rails/item-costs.ts';
import type { PeekSource } from '../peek-source.ts';
import { emptyJobMs, estimateDuration } from './estimate-duration.ts';
import type { EstimatedJob } from './estimated-job.ts';
import { findQueue } from './find-queue.ts';
import { multiply, roughly, type Estimated, type JobEstimate } from './job-estimate.ts';
import { lookAtSource, type SourceLook } from './look-at-source.ts';
import { meanOf, measureItem, readMeasuredJobs, type MeasuredJob } from './measure-past.ts';
import { warnOf } from './warn-of.ts';

interface EstimateDeps {
  database: Database;
  peekSource: PeekSource;
  quotas: Pick<Quotas, 'spend'>;
  limits: RunningLimits;
}

/** What machines differ by: a declared speed is that of one machine of two cores. */
const declaredFactor = 3;
/** The load of a machine differs from one day to the next. */
const loadFactor = 1.5;
/** A person waits for the estimate. */
const lookMs = 30_000;
/** The job was accepted already, and its client waits to hear of that. */
const submittedLookMs = 5_000;

/**
 * What a job will take: by the project's last jobs of the type with options of the same weight, else by its items, else by what its
 * type declares. @throws DomainError when the source of a job that is not submitted cannot be read; of another one a warning says so
 */
export type EstimateJob = (job: EstimatedJob) => Promise<JobEstimate>;

/** Estimates by what the sources, the database and the limits say at the moment of each call; nothing is kept between calls. */
export function createEstimateJob(deps: EstimateDeps): EstimateJob {
  return (job) => estimate(deps, job, Date.now());
}

async function estimate(deps: EstimateDeps, job: EstimatedJob, now: number): Promise<JobEstimate> {
  const { database } = deps;
  const { viewer, jobType, options, command } = job;
  const { dryRun: isDryRun = false, startAt, window } = command.guardRails ?? {};
  const [look, problem] = await tryLook(deps, job);
  const { items, guesses } = look;
  const withFiles = !isDryRun && (jobType.makesFiles?.(options) ?? false);
  const names = jobType.estimate?.weighs ?? [];
  const past = await readMeasuredJobs(database, jobType, {
    projectId: viewer.projectId,
    type: jobType.name,
    like: Object.fromEntries(names.flatMap((name) => (name in options ? [[name, options[name]]] : []))),
    dryRun: isDryRun,
    itemsPerSecond: command.limits?.itemsPerSecond ?? null,
    withFiles,
  });
  const providers = providersOf(job, isDryRun);
  const quota = job.jobId === null ? await deps.quotas.spend(viewer, 'SUBMITS', 0) : null;
  const startsAt = Math.max(startAt?.getTime() ?? now, now + (quota?.nextMs ?? 0));
  const queue = startsAt > now ? null : await findQueue(deps, job);
  const closed = await readClosed(deps, viewer, providers);
  const durationMs =
    items &&
    estimateDuration(items, multiply(items, itemWork(jobType, items, { past, guesses, isDryRun })), {
      now,
      startAt: Math.max(startsAt, now + (closed?.forMs ?? 0)),
      waitMs: queue?.waitMs ?? null,
      window: window ?? null,
      itemsPerSecond: Math.min(
        ...providers.map(({ itemsPerSecond }) => itemsPerSecond),
        command.limits?.itemsPerSecond ?? Infinity,
      ),
    });
  const cost = items && estimateCost(job, items, isDryRun);
  const itemBytes = withFiles ? itemStorage(past, guesses) : null;
  const storageBytes = items && itemBytes && multiply(items, itemBytes);
  const warnings = warnOf(command, { items, durationMs, cost, queue, problem, quota, closed });
  return { items, queue, durationMs, cost, storageBytes, warnings };
}

/** A submitted job is not refused by what is wrong with its source: that fails the job, which says so. */
async function tryLook(deps: EstimateDeps, job: EstimatedJob): Promise<[SourceLook, problem: string | null]> {
  if (job.jobId === null) return [await lookAtSource(deps, job, lookMs), null];
  try {
    return [await lookAtSource(deps, job, submittedLookMs), null];
  } catch (error) {
    if (!(error instanceof DomainError)) throw error;
    return [{ items: null, guesses: [] }, error.message];
  }
}

/** Milliseconds for each of the items. */
function itemWork(
  jobType: JobType,
  items: Estimated,
  { past, guesses, isDryRun }: { past: readonly MeasuredJob[]; guesses: readonly ItemEstimate[]; isDryRun: boolean },
): Estimated {
  const telling = past.filter((job) => tellsOf(job, items));
  const found = measureItem(telling, guesses, 'workMs', ({ durationMs }) => Math.max(durationMs - emptyJobMs, 1));
  if (found) return { ...found, least: found.least / loadFactor, most: found.most * loadFactor };
  const guess = isDryRun ? null : meanOf(guesses, 'workMs');
  if (guess !== null) return roughly(guess, declaredFactor, 'SAMPLED');
  return roughly(1_000 / jobType.declaredItemsPerSecond, declaredFactor, 'DECLARED');
}

/** A small job that was over at once says nothing of a large one: it took the time of an empty job. */
function tellsOf({ items, durationMs }: MeasuredJob, { expected }: Estimated): boolean {
  return items * 4 >= expected || durationMs >= emptyJobMs * 4;
}

/** Bytes for each of the items. A job without files left them to retention. */
function itemStorage(past: readonly MeasuredJob[], guesses: readonly ItemEstimate[]): Estimated | null {
  const left = past.filter(({ fileBytes }) => fileBytes > 0);
  const measured = measureItem(left, guesses, 'bytes', ({ fileBytes }) => fileBytes);
  const guess = meanOf(guesses, 'bytes');
  return measured ?? (guess === null ? null : roughly(guess, declaredFactor, 'SAMPLED'));
}

/** The outside services that it calls. */
function providersOf({ jobType, options }: EstimatedJob, isDryRun: boolean): ProviderUse[] {
  return stagesToRun(jobType, { options, isDryRun }).flatMap((stage) => {
    if (stage.external || stage.kind !== 'ITEMS' || stage.transactional) return [];
    return stage.provider?.(options) ?? [];
  });
}

/** Which of the services is closed for longest; null when none is. */
async function readClosed(
  { database }: EstimateDeps,
  { projectId }: Viewer,
  providers: readonly ProviderUse[],
): Promise<{ name: string; forMs: number } | null> {
  if (providers.length === 0) return null;
  const buckets = await readClosedBuckets(database.pool, [projectId]);
  const closed = providers.flatMap((provider) => {
    const bucket = buckets.find(({ name }) => name === providerBucket(provider));
    return bucket ? [{ name: provider.name, forMs: bucket.forMs }] : [];
  });
  return closed.toSorted((a, b) => b.forMs - a.forMs)[0] ?? null;
}

/** Of the stages that it goes through: a dry run leaves out most of them. */
function estimateCost({ jobType, options }: EstimatedJob, items: Estimated, isDryRun: boolean): JobEstimate['cost'] {
  const costs = itemCosts(jobType, options);
  if (!costs) return null;
  const prices = stagesToRun(jobType, { options, isDryRun }).flatMap(({ name }) => costs.perItem[name] ?? []);
  if (prices.length === 0) return null;
  const each = prices.map(parseDecimal).reduce(addDecimals);
  const amount = { units: each.units * BigInt(items.expected), scale: each.scale };
  return { amount: formatDecimal(amount), unit: costs.unit, basis: items.basis };
}
