import type { InputIssue } from '../domain/errors.ts';

/** One item of a source, before its job type has looked at it. */
export interface SourceRow {
  /** 1-based; a header and empty lines are not counted. */
  row: number;
  /** What the row holds; of a row that cannot be read, what is worth showing to people. */
  raw: unknown;
  /** Why the row cannot be read at all. */
  problem?: InputIssue;
}

/** How far a source has been read; in bytes as they lie in storage. */
export interface SourceProgress {
  bytesRead: number;
  bytesTotal: number;
  /** Where the file itself states how many rows it has. */
  rowsTotal?: number;
}

/** The longest row that is read, in bytes: longer ones are garbage, and would have to be held in memory. */
export const maxRowBytes = 1_048_576;

/** A row that cannot be read, as a problem of that row alone. */
export function unreadableRow(row: number, message: string, raw: unknown): SourceRow {
  return { row, raw, problem: { path: [], message, row, field: null } };
}
