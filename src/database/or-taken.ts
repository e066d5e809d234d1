import { UniqueConstraintViolationException } from '@mikro-orm/postgresql';
import { ConflictError, toError } from '../domain/errors.ts';

/**
 * Stores something under a name that may be taken. Whoever looked before can still be second: of two at once the database refuses one.
 * @throws ConflictError with `message` then
 */
export async function orTaken<T>(message: string, store: () => Promise<T>): Promise<T> {
  try {
    return await store();
  } catch (thrown) {
    if (!(thrown instanceof UniqueConstraintViolationException)) throw toError(thrown);
    throw new ConflictError(message);
  }
}
