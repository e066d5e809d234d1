import { ConflictError, InvalidInputError, type InputIssue } from './errors.ts';

/** How long an outside worker may hold a chunk without being heard of, in seconds. */
export const leaseSeconds = { min: 5, max: 3_600, default: 60 } as const;

/** A worker that says so gets a failed chunk tried again, until so many attempts broke off; those that a pause ended do not count. */
const maxFailingAttempts = 3;
/** After so many attempts that were not heard of again a chunk is taken for one that kills its worker. */
export const maxSilentAttempts = 10;

/** @throws InvalidInputError */
export function assertLease(seconds: number): void {
  const { min, max } = leaseSeconds;
  if (seconds >= min && seconds <= max) return;
  throw fieldError('leaseSeconds', `must be ${min} to ${max}, not ${seconds}`);
}

/** Whether a chunk that failed outside is tried again; `broken` are its attempts before this one that failed or fell silent. */
export function isTriedAgain(failure: { broken: number; retryable: boolean }): boolean {
  return failure.retryable && failure.broken + 1 < maxFailingAttempts;
}

/** How far a service says that its stage is; what is null stays as it was. */
export interface ReportedFigures {
  total: number | null;
  completed: number | null;
  failed: number | null;
}

/** The figures after a report. @throws InvalidInputError unless 0 ≤ failed ≤ completed ≤ total */
export function applyFigures(
  stage: { total: number | null; completed: number; failed: number },
  reported: ReportedFigures,
): { total: number | null; completed: number; failed: number } {
  const total = reported.total ?? stage.total;
  const completed = reported.completed ?? stage.completed;
  const failed = reported.failed ?? stage.failed;
  if (failed < 0 || completed < 0 || (total ?? 0) < 0)
    throw fieldError('completed', 'and all figures must be 0 or more');
  if (failed > completed) throw fieldError('failed', `must be at most completed, ${completed}, not ${failed}`);
  if (total !== null && completed > total)
    throw fieldError('completed', `must be at most total, ${total}, not ${completed}`);
  return { total, completed, failed };
}

/** A chunk as far as the one who says to hold it is concerned. */
export interface HeldChunk {
  state: string;
  attempt: number;
}

/** @throws ConflictError when somebody else has the chunk by now, or nobody may have it any more */
export function assertHeld(chunk: HeldChunk, attempt: number): void {
  if (chunk.state === 'RUNNING' && chunk.attempt === attempt) return;
  const why =
    chunk.attempt > attempt
      ? 'its lease ran out and it was given to another, or its job was paused or canceled'
      : `it is ${chunk.state}`;
  throw new ConflictError(`Attempt ${attempt} no longer holds the chunk: ${why}. Nothing was stored; claim another.`, {
    state: chunk.state,
  });
}

/** Each of the chunk's open items must have one result. @throws InvalidInputError with the first 100 problems */
export function assertEachOnce(open: readonly number[], results: readonly number[]): void {
  const expected = new Set(open);
  const seen = new Set<number>();
  const issues: InputIssue[] = [];
  const complain = (index: number, position: number | null, message: string) =>
    issues.push({
      path: ['results', ...(position === null ? [] : [String(position)])],
      message,
      row: index + 1,
      field: null,
    });
  for (const [position, index] of results.entries()) {
    if (!expected.has(index)) complain(index, position, `Item ${index} is not among those that were claimed.`);
    else if (seen.has(index)) complain(index, position, `Item ${index} has two results.`);
    seen.add(index);
  }
  for (const index of open) if (!seen.has(index)) complain(index, null, `Item ${index} has no result.`);
  if (issues.length > 0)
    throw new InvalidInputError(`The results do not fit the chunk: ${issues[0]?.message}`, issues.slice(0, 100));
}

function fieldError(field: string, message: string): InvalidInputError {
  return new InvalidInputError(`${field} ${message}.`, [{ path: [field], message, row: null, field }]);
}
