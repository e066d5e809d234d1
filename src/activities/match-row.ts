import { isDeepStrictEqual } from 'node:util';
import type { ExportedItem } from '../database/sql/read-export-items.ts';
import { toStorable } from '../domain/storable-json.ts';
import type { FrozenSheetSource, ValidationLevel } from '../domain/job.ts';
import type { JobType } from '../job-types/define-job-type.ts';
import { createItemValidator } from '../job-types/validate-item.ts';
import { createColumnMapping, matchColumns } from '../sources/map-columns.ts';

interface RowOrigin {
  source: FrozenSheetSource;
  validation: ValidationLevel;
  /** The names above the cells of a row. */
  columns: readonly string[];
}

/**
 * Makes the function that tells whether a row is the one that an item came from: it gives the item's key, or where items have
 * no key of their own, the same item.
 */
export function createRowMatch(
  jobType: JobType,
  { source, validation, columns }: RowOrigin,
): (cells: readonly string[], item: Pick<ExportedItem, 'index' | 'key' | 'input'>) => boolean {
  const validate = createItemValidator(jobType, validation, 'TEXT');
  const toFields = createColumnMapping(matchColumns(columns, source.columns ?? [], jobType.fieldNames));
  return (cells, item) => {
    // With cells beside the table it was read as a row that has too many.
    const isRow = cells.length === columns.length;
    const raw = isRow ? toFields(Object.fromEntries(columns.map((name, at) => [name, cells[at]]))) : cells;
    const checked = validate(raw);
    if (checked.key !== null) return checked.key === item.key;
    const content = checked.ok ? checked.item : toStorable(raw);
    return isDeepStrictEqual(JSON.parse(JSON.stringify(content)), JSON.parse(item.input));
  };
}
