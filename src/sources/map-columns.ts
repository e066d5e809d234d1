import type { InputIssue } from '../domain/errors.ts';
import type { ColumnMapping } from '../domain/job.ts';

/**
 * Makes the function that gives a row the names of its fields. Columns without a mapping keep their names; one that is
 * called like a field that another column fills gives way to it. What is no object stays as it is.
 */
export function createColumnMapping(columns: readonly ColumnMapping[]): (raw: unknown) => unknown {
  const fieldOf = new Map(columns.map(({ column, field }) => [column, field]));
  const filled = new Set(columns.map(({ field }) => field));
  return (raw) => {
    if (typeof raw !== 'object' || raw === null || Array.isArray(raw)) return raw;
    const entries = Object.entries(raw).flatMap(([column, value]) => {
      const field = fieldOf.get(column);
      if (field !== undefined) return [[field, value]];
      return filled.has(column) ? [] : [[column, value]];
    });
    return Object.fromEntries(entries);
  };
}

/** A problem of a cell, under the field that its column fills; where that is called otherwise, the message names the column. */
export function toFieldIssue(columns: readonly ColumnMapping[], issue: InputIssue): InputIssue {
  const [column, ...rest] = issue.path;
  const field = columns.find((each) => each.column === column)?.field;
  if (field === undefined || field === column) return issue;
  return { ...issue, path: [field, ...rest], field, message: `${issue.message} (column ${JSON.stringify(column)})` };
}
