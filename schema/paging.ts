import type { Page, PageRequest } from '../src/jobs/reads/job-reads.ts';
import { builder } from './builder.ts';
import { defaultPageSize, maxPageSize } from './page-size.ts';
import { refuse } from './refuse.ts';

/** Arguments of every connection that is read forward. */
export const pageArgs = builder.args((t) => ({
  first: t.int({ defaultValue: defaultPageSize, description: `How many to answer, at most ${maxPageSize}.` }),
  after: t.string({ description: 'Cursor after which the page begins: `pageInfo.endCursor` of the page before.' }),
}));

/** Arguments of a connection that is read in both directions. */
export const bothWaysPageArgs = builder.args((t) => ({
  first: t.int({
    description: `How many to answer from the front, at most ${maxPageSize}; ${defaultPageSize} when neither first nor last is given.`,
  }),
  after: t.string({ description: 'Cursor after which the page begins: `pageInfo.endCursor` of the page before.' }),
  last: t.int({ description: `How many to answer from the end, at most ${maxPageSize}.` }),
  before: t.string({ description: 'Cursor before which the page ends: `pageInfo.startCursor` of the page after.' }),
}));

/** @throws GraphQLError when the size is out of bounds. */
export function pageSize(asked: number | null | undefined, argument = 'first'): number {
  const size = asked ?? defaultPageSize;
  if (size >= 0 && size <= maxPageSize) return size;
  throw refuse('INVALID_INPUT', `${argument} must be between 0 and ${maxPageSize}, not ${size}.`);
}

/** The page that the arguments ask for. @throws GraphQLError when size or cursor cannot be used. */
export function toPageRequest<Cursor>(
  args: { first?: number | null; after?: string | null },
  parseCursor: (cursor: string) => Cursor,
): PageRequest<Cursor> {
  return { limit: pageSize(args.first), after: args.after ? parseCursor(args.after) : null };
}

/** A page as Relay's connections have it. */
export function toConnection<Row>(page: Page<Row>, cursorOf: (row: Row) => string) {
  const edges = page.rows.map((node) => ({ cursor: cursorOf(node), node }));
  return {
    edges,
    pageInfo: {
      hasNextPage: page.hasNextPage,
      hasPreviousPage: page.hasPreviousPage,
      startCursor: edges[0]?.cursor ?? null,
      endCursor: edges.at(-1)?.cursor ?? null,
    },
  };
}
