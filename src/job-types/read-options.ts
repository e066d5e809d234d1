import { InvalidInputError } from '../domain/errors.ts';
import type { JobType } from './define-job-type.ts';

/**
 * The options of a job as its type has them now: a job that another version stored gets the defaults of options that came later.
 * @throws InvalidInputError when the type does not take them any more
 */
export function readOptions(jobType: JobType, stored: Record<string, unknown>): Record<string, unknown> {
  const parsed = jobType.options.safeParse(stored);
  if (parsed.success) return parsed.data;
  const problems = parsed.error.issues.map(({ path, message }) => `${path.join('.')}: ${message}`).join('; ');
  throw new InvalidInputError(
    `The options of this job are those of an earlier version of ${jobType.title}, and cannot be used any more (${problems}). Retry it with other options.`,
  );
}
