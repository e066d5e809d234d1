import { InvalidInputError } from '../../domain/errors.ts';
import type { ItemEstimate, JobType } from '../../job-types/define-job-type.ts';

/** What items that fit their schema are guessed to take by their job type. */
export function guessItems(
  { estimate }: JobType,
  options: Record<string, unknown>,
  items: readonly Record<string, unknown>[],
): ItemEstimate[] {
  const guess = estimate?.item;
  return guess ? items.flatMap((item) => orNone(() => guess(item, options))) : [];
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
