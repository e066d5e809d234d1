import { isListType, isNonNullType, type GraphQLField, type GraphQLOutputType } from 'graphql';
import { defaultPageSize, maxPageSize } from './page-size.ts';

/** What a list that is no page holds, as a rule: stages, exports, sentences. */
const usualListLength = 5;

/** The lists of a connection: their length is that of the page, which the connection's own field has counted. */
export const countedAlready = { field: 1, multiplier: 1 };

/** A field costs 1, and what is selected below it as many times as it can have rows: so a cost is the values of an answer, about. */
export function fieldCost(
  { first, last }: Record<string, unknown>,
  _context: unknown,
  field: Pick<GraphQLField<unknown, unknown>, 'type' | 'args'>,
): { field: number; multiplier: number } {
  const isPage = field.args.some(({ name }) => name === 'first');
  if (!isPage) return { field: 1, multiplier: isList(field.type) ? usualListLength : 1 };
  const asked = typeof last === 'number' ? last : typeof first === 'number' ? first : defaultPageSize;
  // A size out of bounds is refused by the connection, with better words.
  return { field: 1, multiplier: Math.min(Math.max(asked, 0), maxPageSize) };
}

function isList(type: GraphQLOutputType): boolean {
  return isListType(isNonNullType(type) ? type.ofType : type);
}
