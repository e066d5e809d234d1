import { InvalidInputError } from '../domain/errors.ts';

/** A source that cannot be read as a whole, whatever its rows hold. Says what is wrong with the file. */
export class UnreadableSourceError extends InvalidInputError {
  constructor(message: string, cause?: unknown) {
    super(message);
    this.cause = cause;
  }
}
