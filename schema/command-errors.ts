import {
  ConflictError,
  InvalidInputError,
  LimitExceededError,
  NotFoundError,
  StorageRefusedError,
} from '../src/domain/errors.ts';

/** What is answered by commands that check an input, name what the project has, count against its limits and try a place for files. */
export const commandErrors = [InvalidInputError, ConflictError, NotFoundError, LimitExceededError, StorageRefusedError];
