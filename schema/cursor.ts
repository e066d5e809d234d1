import { z } from 'zod';
import { refuse } from './refuse.ts';

/** The cursor that clients see; what is in it is our business. */
export function toCursor(parts: readonly (string | number)[]): string {
  return Buffer.from(JSON.stringify(parts)).toString('base64url');
}

/** @throws GraphQLError when the cursor is none of this connection's. */
export function fromCursor<T>(cursor: string, shape: z.ZodType<T>): T {
  const parsed = shape.safeParse(parseJson(Buffer.from(cursor, 'base64url').toString('utf8')));
  if (parsed.success) return parsed.data;
  throw refuse('INVALID_INPUT', `${JSON.stringify(cursor.slice(0, 100))} is no cursor of this connection.`);
}

/** Of a connection in the order of ids, which is that of creation. */
export function toIdCursor({ id }: { id: string }): string {
  return toCursor([id]);
}

/** @throws GraphQLError when the cursor is none of such a connection's */
export function fromIdCursor(cursor: string): string {
  return fromCursor(cursor, z.tuple([z.uuid()]))[0];
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    // Whatever is wrong with it, it does not have the shape.
    return undefined;
  }
}
