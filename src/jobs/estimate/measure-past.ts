import type { Database } from '../../database/database.ts';
import { readFirstItems } from '../../database/sql/reads/read-first-items.ts';
import { readPastJobs, type PastJob, type PastJobsRequest } from '../../database/sql/reads/read-past-jobs.ts';
import type { ItemEstimate, JobType } from '../../job-types/define-job-type.ts';
import { createItemValidator } from '../../job-types/validate-item.ts';
import { guessItems } from './guess-items.ts';
import type { Estimated } from './job-estimate.ts';

/** A job that ended, and what its type guesses of its first items today; no guesses when they are gone. */
export interface MeasuredJob extends PastJob {
  guesses: ItemEstimate[];
}

/** Items of each earlier job that a guess looks at. */
const guessedItems = 20;

/** The jobs that a new one is compared with. */
export async function readMeasuredJobs(
  { pool }: Pick<Database, 'pool'>,
  jobType: JobType,
  request: PastJobsRequest,
): Promise<MeasuredJob[]> {
  const past = await readPastJobs(pool, request);
  if (!jobType.estimate?.item || past.length === 0) return past.map((job) => ({ ...job, guesses: [] }));
  const first = await readFirstItems(
    pool,
    past.map(({ id }) => id),
    guessedItems,
  );
  const validate = createItemValidator(jobType, 'MODERATE');
  return past.map((job) => {
    const items = first.flatMap(({ jobId, payload }) => {
      const checked = jobId === job.id ? validate(payload) : null;
      return checked?.ok ? [checked.item] : [];
    });
    return { ...job, guesses: guessItems(jobType, job.options, items) };
  });
}

/**
 * What an item took in those jobs, or will take: where the job type guesses items, its guess is held to how far its guesses of
 * those jobs were off, so that longer items take more. Null without jobs.
 */
export function measureItem(
  past: readonly MeasuredJob[],
  guesses: readonly ItemEstimate[],
  figure: keyof ItemEstimate,
  measured: (job: MeasuredJob) => number,
): Estimated | null {
  const guess = meanOf(guesses, figure);
  const guessed = guess === null ? [] : past.filter((job) => meanOf(job.guesses, figure) !== null);
  if (guess !== null && guessed.length > 0) {
    return scale(
      compare(guessed, measured, (job) => job.items * (meanOf(job.guesses, figure) ?? 1)),
      guess,
    );
  }
  return past.length > 0 ? compare(past, measured, ({ items }) => items) : null;
}

/** Null when there are none, or they are nothing. */
export function meanOf(guesses: readonly ItemEstimate[], figure: keyof ItemEstimate): number | null {
  const sum = guesses.reduce((before, each) => before + each[figure], 0);
  return sum > 0 ? sum / guesses.length : null;
}

function compare(
  past: readonly MeasuredJob[],
  measured: (job: MeasuredJob) => number,
  weight: (job: MeasuredJob) => number,
): Estimated {
  const sum = (of: (job: MeasuredJob) => number) => past.reduce((before, job) => before + of(job), 0);
  const each = past.map((job) => measured(job) / weight(job));
  return {
    expected: sum(measured) / sum(weight),
    least: Math.min(...each),
    most: Math.max(...each),
    basis: 'MEASURED',
  };
}

function scale({ expected, least, most, basis }: Estimated, by: number): Estimated {
  return { expected: expected * by, least: least * by, most: most * by, basis };
}
