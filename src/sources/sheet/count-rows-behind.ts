import { ResponseTooLargeError, type SheetsClient } from '../../providers/google/sheets-client.ts';
import { toA1 } from './a1-range.ts';
import { isEmpty, type SheetTable } from './sheet-table.ts';

/** How many rows there are, as far as that is known. */
export interface RowRange {
  expected: number;
  least: number;
  most: number;
}

/** Of more cells only the first column is read, and of more rows not even that. */
const maxCells = 500_000;

/**
 * Rows of a table from a row on that are not empty, by one request: Google tells neither how far a tab is filled nor which rows are
 * empty, but leaves out those at the end that are. @throws DomainError
 */
export async function countRowsBehind(
  client: Pick<SheetsClient, 'read'>,
  { spreadsheetId, table, from }: { spreadsheetId: string; table: SheetTable; from: number },
): Promise<RowRange> {
  const { tab, area, header } = table;
  const most = area.endRow - from;
  if (most <= 0) return { expected: 0, least: 0, most: 0 };
  if (most > maxCells) return { expected: most, least: 0, most };
  const isWhole = most * header.length <= maxCells;
  const range = { ...area, startRow: from, endColumn: area.startColumn + (isWhole ? header.length : 1) };
  try {
    const [rows = []] = await client.read(spreadsheetId, [toA1(tab.title, range)], 'SERIALS');
    const filled = rows.filter((cells) => cells.some((cell) => !isEmpty(cell))).length;
    // Other columns may go on where the first one is empty.
    return { expected: filled, least: filled, most: isWhole ? filled : most };
  } catch (error) {
    if (error instanceof ResponseTooLargeError) return { expected: most, least: 0, most };
    throw error;
  }
}
