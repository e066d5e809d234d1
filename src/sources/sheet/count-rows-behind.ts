import { ResponseTooLargeError, type SheetsClient } from '../../providers/google/sheets-client.ts';
import { toA1 } from './a1-range.ts';
import { isEmpty, type SheetTable } from './sheet-table.ts';

/** How many rows there are, as far as that is known. */
export interface RowRange {
  expected: number;
  least: number;
  most: number;
}

/** Of more rows not even a column is read. */
const maxRows = 500_000;

/**
 * Rows of a table from a row on that are not empty, by one request for its first column: Google tells neither how far a tab is
 * filled nor which rows are empty. @throws DomainError
 */
export async function countRowsBehind(
  client: Pick<SheetsClient, 'read'>,
  { spreadsheetId, table, from }: { spreadsheetId: string; table: SheetTable; from: number },
): Promise<RowRange> {
  const { tab, area } = table;
  const most = area.endRow - from;
  if (most <= 0) return { expected: 0, least: 0, most: 0 };
  const unknown = { expected: most, least: 0, most };
  if (most > maxRows) return unknown;
  const column = { ...area, startRow: from, endColumn: area.startColumn + 1 };
  try {
    const [cells = []] = await client.read(spreadsheetId, [toA1(tab.title, column)], 'SERIALS');
    const filled = cells.filter(([cell]) => !isEmpty(cell)).length;
    // Other columns may go on where this one is empty.
    return { expected: filled, least: filled, most };
  } catch (error) {
    if (error instanceof ResponseTooLargeError) return unknown;
    throw error;
  }
}
