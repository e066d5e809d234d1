import { InvalidInputError } from '../../domain/errors.ts';
import type { SheetArea, Spreadsheet, SheetTab } from '../../providers/google/sheets-client.ts';
import { parseA1, parseCells } from './a1-range.ts';

/** A part of a spreadsheet that is there. */
export interface SheetPlace {
  tab: SheetTab;
  area: SheetArea;
}

/** Finds what a range means, as Google does: a named range comes before a tab of the same name. @throws InvalidInputError, INVALID_RANGE */
export function resolveRange(spreadsheet: Spreadsheet, range: string | null): SheetPlace {
  const { tabs, namedRanges } = spreadsheet;
  const first = tabs.find(({ isHidden }) => !isHidden) ?? tabs[0];
  if (!first) throw invalidRange(`${JSON.stringify(spreadsheet.title)} has no tab with cells.`);
  const text = range?.trim() ?? '';
  if (text === '') return placeIn(first, {});
  const named = namedRanges.find(({ name }) => name === text);
  const namedTab = named && tabs.find(({ id }) => id === named.tabId);
  if (named && namedTab) return placeIn(namedTab, named.area);
  const parsed = parseA1(text);
  const tab = parsed && tabs.find(({ title }) => title === parsed.tab);
  if (parsed && tab) return placeIn(tab, parsed.cells ?? {});
  const cells = parsed?.cells === null ? parseCells(text) : null;
  if (cells) return placeIn(first, cells);
  const names = [...tabs.map(({ title }) => title), ...namedRanges.map(({ name }) => name)];
  throw invalidRange(
    `${JSON.stringify(text)} is no range of ${JSON.stringify(spreadsheet.title)}: say a tab, a named range, or cells like Ideas!A1:J50. There are ${names.map((name) => JSON.stringify(name)).join(', ')}.`,
  );
}

function placeIn(tab: SheetTab, cells: Partial<SheetArea>): SheetPlace {
  const { startRow = 0, startColumn = 0, endRow = Infinity, endColumn = Infinity } = cells;
  if (startRow >= tab.rowCount || startColumn >= tab.columnCount) {
    throw invalidRange(
      `The range begins behind the end of the tab ${JSON.stringify(tab.title)}, which has ${tab.rowCount} rows and ${tab.columnCount} columns.`,
    );
  }
  const area = {
    startRow,
    startColumn,
    endRow: Math.min(endRow, tab.rowCount),
    endColumn: Math.min(endColumn, tab.columnCount),
  };
  return { tab, area };
}

function invalidRange(message: string): InvalidInputError {
  const path = ['source', 'googleSheet', 'range'];
  return new InvalidInputError(message, [{ path, message, row: null, field: 'range' }], 'INVALID_RANGE');
}
