import { InvalidInputError } from '../../domain/errors.ts';
import type { Database } from '../../database/database.ts';
import { JobEntity } from '../../database/entities/job.ts';
import type { Upload } from '../../database/entities/upload.ts';
import { readPastJobs, type PastJob } from '../../database/sql/reads/read-past-jobs.ts';
import { addDecimals, compareDecimals, formatDecimal, parseDecimal } from '../../domain/exact-decimal.ts';
import type { JobSource } from '../../domain/job.ts';
import type { ItemEstimate, JobType } from '../../job-types/define-job-type.ts';
import { createItemValidator } from '../../job-types/validate-item.ts';
import { wantedItemStages } from '../../job-types/stages-to-run.ts';
import type { SubmitJobCommand } from '../commands.ts';
import { itemCosts } from '../guard-rails/item-costs.ts';
import { countSource } from './count-source.ts';
import { endInWindow } from './end-in-window.ts';
import { mapEstimated, roughly, type Estimated, type JobEstimate } from './job-estimate.ts';

/** A job that was checked, whether it is submitted or not. */
export interface EstimatedJob {
  projectId: string;
  jobType: JobType;
  /** As the job has them or would have them. */
  options: Record<string, unknown>;
  command: Pick<SubmitJobCommand, 'source' | 'limits' | 'guardRails'>;
  upload: Upload | null;
}

/** Milliseconds that a job of no items takes on an idle machine: its stages and journal entries. */
const emptyJobMs = 500;
/** What machines differ by: a declared speed is that of one machine of two cores. */
const declaredFactor = 3;
/** Items that a guess looks at. */
const sampledItems = 200;

/** What a job will take: by the project's last jobs of the type with options of the same weight, else by its items, else by what its type declares. */
export async function estimateJob(database: Database, job: EstimatedJob, now = Date.now()): Promise<JobEstimate> {
  const { projectId, jobType, options, command, upload } = job;
  const total = command.source.kind === 'job' ? await countEarlier(database, projectId, command.source) : null;
  const items = countSource(command.source, { upload, total });
  const names = jobType.estimate?.weighs ?? [];
  const like = Object.fromEntries(names.flatMap((name) => (name in options ? [[name, options[name]]] : [])));
  const withFiles = jobType.makesFiles?.(options) ?? false;
  const past = await readPastJobs(database.pool, { projectId, type: jobType.name, like, withFiles });
  const sample = past.length > 0 ? null : sampleItems(job);
  const itemMs =
    measured(past, ({ durationMs }) => durationMs) ?? guessed(sample, ({ workMs }) => workMs) ?? declaredMs(jobType);
  const itemBytes = measured(past, ({ fileBytes }) => fileBytes) ?? guessed(sample, ({ bytes }) => bytes);
  const durationMs = items && estimateDuration(job, multiply(items, itemMs), items, now);
  const cost = items && estimateCost(job, items);
  const storageBytes = items && withFiles && itemBytes ? multiply(items, itemBytes) : null;
  return { items, durationMs, cost, storageBytes, warnings: warn(job, { items, durationMs, cost }) };
}

async function countEarlier(
  database: Database,
  projectId: string,
  { jobId, items }: Extract<JobSource, { kind: 'job' }>,
): Promise<number | null> {
  const earlier = await database.em().findOne(JobEntity, { id: jobId, projectId });
  if (!earlier) return null;
  return { ALL: earlier.total, FAILED: earlier.failed, OUTPUTS: earlier.succeeded }[items];
}

/** Items that came with the request and fit, as their job type guesses them. */
function sampleItems({ jobType, options, command: { source } }: EstimatedJob): ItemEstimate[] {
  const guess = jobType.estimate?.item;
  if (!guess || source.kind !== 'inline') return [];
  const validate = createItemValidator(jobType, 'MODERATE');
  return source.items.slice(0, sampledItems).flatMap((raw) => {
    const checked = validate(raw);
    return checked.ok ? orNone(() => guess(checked.item, options)) : [];
  });
}

/** An item that cannot be made fails in its job; nothing can be said of it before. */
function orNone(guess: () => ItemEstimate): ItemEstimate[] {
  try {
    return [guess()];
  } catch (error) {
    if (error instanceof InvalidInputError) return [];
    throw error;
  }
}

function measured(past: readonly PastJob[], figure: (job: PastJob) => number): Estimated | null {
  if (past.length === 0) return null;
  const sum = (of: (job: PastJob) => number) => past.reduce((before, job) => before + of(job), 0);
  const each = past.map((job) => figure(job) / job.items);
  return {
    expected: sum(figure) / sum(({ items }) => items),
    least: Math.min(...each),
    most: Math.max(...each),
    basis: 'MEASURED',
  };
}

function guessed(sample: readonly ItemEstimate[] | null, figure: (item: ItemEstimate) => number): Estimated | null {
  if (!sample?.length) return null;
  return roughly(sample.reduce((sum, item) => sum + figure(item), 0) / sample.length, declaredFactor, 'SAMPLED');
}

function declaredMs({ declaredItemsPerSecond }: JobType): Estimated {
  return roughly(1_000 / declaredItemsPerSecond, declaredFactor, 'DECLARED');
}

/** The weaker of two bases is that of their product. */
function multiply(a: Estimated, b: Estimated): Estimated {
  return {
    expected: Math.ceil(a.expected * b.expected),
    least: Math.floor(a.least * b.least),
    most: Math.ceil(a.most * b.most),
    basis: b.basis,
  };
}

/** From now to its end, no faster than its rates let it, and only while its window is open. */
function estimateDuration(
  { jobType, options, command }: EstimatedJob,
  work: Estimated,
  items: Estimated,
  now: number,
): Estimated | null {
  const providers = wantedItemStages(jobType, options).flatMap((stage) => {
    const use = stage.transactional ? null : stage.provider?.(options as never);
    return use ? [use.itemsPerSecond] : [];
  });
  const perSecond = Math.min(...providers, command.limits?.itemsPerSecond ?? Infinity);
  const start = Math.max(now, command.guardRails?.startAt?.getTime() ?? now);
  const slowest = (ms: number, count: number) => emptyJobMs + Math.max(ms, (count / perSecond) * 1_000);
  const paced = {
    ...work,
    expected: slowest(work.expected, items.expected),
    least: slowest(work.least, items.least),
    most: slowest(work.most, items.most),
  };
  const window = command.guardRails?.window ?? null;
  if (endInWindow(window, start, paced.most) === null) return null;
  return mapEstimated(paced, (ms) => (endInWindow(window, start, ms) ?? start + ms) - now);
}

function estimateCost({ jobType, options }: EstimatedJob, items: Estimated): JobEstimate['cost'] {
  const costs = itemCosts(jobType, options);
  if (!costs) return null;
  const each = Object.values(costs.perItem).map(parseDecimal).reduce(addDecimals);
  const amount = { units: each.units * BigInt(items.expected), scale: each.scale };
  return { amount: formatDecimal(amount), unit: costs.unit, basis: items.basis };
}

function warn(
  { command }: EstimatedJob,
  { items, durationMs, cost }: Pick<JobEstimate, 'items' | 'durationMs' | 'cost'>,
): string[] {
  const { deadlineMinutes, budget } = command.guardRails ?? {};
  const warnings: string[] = [];
  if (!items)
    warnings.push('How many items there are is known once the source is read: nothing else can be estimated before.');
  if (items?.expected === 0) warnings.push('The source has no items.');
  if (durationMs && deadlineMinutes && durationMs.expected > deadlineMinutes * 60_000) {
    warnings.push(
      `It should take about ${Math.ceil(durationMs.expected / 60_000)} minutes, which is more than its deadline of ${deadlineMinutes} minutes leaves.`,
    );
  }
  if (items && !durationMs) warnings.push('Its window opens too rarely to say when it ends.');
  if (cost && budget && compareDecimals(parseDecimal(cost.amount), parseDecimal(budget.amount)) > 0) {
    warnings.push(
      `It should cost about ${cost.amount} ${cost.unit}, which is more than its budget of ${budget.amount}: it will pause there.`,
    );
  }
  return warnings;
}
