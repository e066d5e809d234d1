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
