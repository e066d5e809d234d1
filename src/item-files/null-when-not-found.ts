import { NotFoundError } from '../domain/errors.ts';

/** For `catch`. @throws what else it was */
export function nullWhenNotFound(error: unknown): null {
  if (error instanceof NotFoundError) return null;
  throw error;
}
