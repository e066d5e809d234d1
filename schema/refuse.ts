import { GraphQLError } from 'graphql';
import type { ErrorCode } from '../src/domain/errors.ts';

/** An error for fields that have no union to answer with: it stands in `errors`, with its code, and is not masked. */
export function refuse(code: ErrorCode, message: string): GraphQLError {
  return new GraphQLError(message, { extensions: { code } });
}
