import { InvalidInputError } from './errors.ts';

/** @throws InvalidInputError when a reader of a journal says that it has what cannot be an entry's number */
export function assertSequence(afterSequence: number): void {
  if (Number.isSafeInteger(afterSequence) && afterSequence >= 0) return;
  const message = `afterSequence is the number of a journal entry, or 0 for all of them, not ${afterSequence}.`;
  throw new InvalidInputError(message, [{ path: ['afterSequence'], message, row: null, field: 'afterSequence' }]);
}
