import { InvalidInputError } from '../domain/errors.ts';

/** Text that lists and journals show. @throws InvalidInputError */
export function assertName(field: string, value: string): void {
  if (/^[^\p{Cc}\p{Cs}]{1,200}$/u.test(value.trim())) return;
  throw invalid(field, 'must be text of 1 to 200 characters, without control characters');
}

/** @throws InvalidInputError */
export function assertFuture(field: string, value: Date | null): void {
  if (value !== null && value <= new Date()) throw invalid(field, 'must be in the future');
}

/** The error for one field; `message` goes on behind its name. */
export function invalid(field: string, message: string): InvalidInputError {
  return new InvalidInputError(`${field} ${message}.`, [{ path: [field], message, row: null, field }]);
}
