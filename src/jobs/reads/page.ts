/** A page forward from a cursor. `limit` is at least 0. */
export interface PageRequest<Cursor> {
  limit: number;
  after: Cursor | null;
}

export interface Page<Row> {
  rows: Row[];
  hasNextPage: boolean;
  hasPreviousPage: boolean;
}

/** Makes a page from one row more than it holds: the row too many says that there is a next page. */
export function toPage<Row, Cursor>(rows: Row[], request: PageRequest<Cursor>): Page<Row> {
  return {
    rows: rows.slice(0, request.limit),
    hasNextPage: rows.length > request.limit,
    hasPreviousPage: request.after !== null,
  };
}
