import { DomainError } from '../domain/errors.ts';
import type { JobType } from './define-job-type.ts';
import { echo } from './echo/echo.ts';
import { external } from './external/external.ts';
import { transactions } from './transactions/transactions.ts';
import { video } from './video/video.ts';

/** Every job type. A new one is a folder and a line here. */
const registered = [transactions, video, echo, external] as const;

/** The registry as its readers see it: the schemas of each type are known at run time only. */
export const jobTypes = registered as unknown as readonly JobType[];

/** The job type of this name; null when this version knows none. */
export function findJobType(name: string): JobType | null {
  return jobTypes.find((type) => type.name === name) ?? null;
}

/** @throws DomainError that lists the names there are; it can be retried, as a newer version may know more of them. */
export function getJobType(name: string): JobType {
  const found = findJobType(name);
  if (found) return found;
  const names = jobTypes.map((type) => type.name).join(', ');
  throw new DomainError('NOT_FOUND', `There is no job type "${name}". There are: ${names}.`, { retryable: true });
}
