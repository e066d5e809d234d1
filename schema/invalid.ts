import { InvalidInputError } from '../src/domain/errors.ts';

/** An input whose one problem lies at `path`. */
export function invalid(path: string[], message: string): InvalidInputError {
  return new InvalidInputError(message, [{ path, message, row: null, field: path.at(-1) ?? null }]);
}
