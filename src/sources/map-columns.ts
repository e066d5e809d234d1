import type { InputIssue } from '../domain/errors.ts';
import type { ColumnMapping } from '../domain/job.ts';
import type { FieldNames } from '../job-types/field-names.ts';
import type { KnownColumns } from './table-header.ts';
import { UnreadableSourceError } from './unreadable-source-error.ts';

/** Columns that fill a field, as the client says or as they are called. */
export function knownColumnsOf(fields: FieldNames, mapped: readonly ColumnMapping[]): KnownColumns {
  const named = mapped.map(({ column }) => column);
  return {
    names: [...fields.names, ...named],
    has: (column) => named.includes(column) || fields.find(column) !== null,
  };
}

/**
 * Which columns of a table fill which fields under another name than their own: as the client says, and for the fields that
 * are left by alias. A column that is called exactly like its field comes before its aliases.
 * @throws UnreadableSourceError when two columns have the same claim to a field
 */
export function matchColumns(
  header: readonly string[],
  mapped: readonly ColumnMapping[],
  fields: FieldNames | undefined,
): ColumnMapping[] {
  const columns = [...mapped];
  if (!fields) return columns;
  const isTaken = (field: string) => header.includes(field) || mapped.some((each) => each.field === field);
  for (const column of header) {
    const field = mapped.some((each) => each.column === column) ? null : fields.find(column);
    if (field === null || isTaken(field)) continue;
    const rival = columns.find((each) => each.field === field);
    if (rival) {
      throw new UnreadableSourceError(
        `The columns ${JSON.stringify(rival.column)} and ${JSON.stringify(column)} both name the field ${field}: say with "columns" which of them fills it.`,
      );
    }
    columns.push({ column, field });
  }
  return columns;
}

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
