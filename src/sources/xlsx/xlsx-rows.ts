import type { SourceFile } from '../source-file.ts';
import { maxRowBytes, type SourceProgress, type SourceRow } from '../source-row.ts';
import { checkColumnNames, type KnownColumns } from '../table-header.ts';
import { UnreadableSourceError } from '../unreadable-source-error.ts';
import { readCell, type CellContent, type CellDeps } from './cell-value.ts';
import { cellName, columnName, readSheetRows, type SheetRow } from './sheet-rows.ts';
import { chooseSheet, openWorkbook } from './workbook.ts';

export interface XlsxOptions {
  /** Name of the sheet, or its position from 1; the first that can be seen when left out. */
  sheet?: string | null;
  /** Row of the sheet that names the columns, from 1; the first that is not empty when left out. */
  headerRow?: number | null;
  knownColumns?: KnownColumns | null;
  /** Told the columns, before the first row. */
  onHeader?(columns: readonly string[]): void;
  progress: SourceProgress;
}

/**
 * Rows of one sheet of a workbook, a batch for each piece of it. Empty rows are no rows; empty cells have no value. Of
 * merged cells the first has the value, as in the file. @throws UnreadableSourceError
 */
export async function* readXlsxRows(file: SourceFile, options: XlsxOptions): AsyncGenerator<SourceRow[]> {
  const workbook = await openWorkbook(file);
  const sheet = chooseSheet(workbook, options.sheet);
  const isDateStyle = await workbook.readDateStyles();
  const sharedStrings = await workbook.readSharedStrings();
  try {
    const cellDeps = { sharedString: sharedStrings.get, isDateStyle, isFrom1904: workbook.isFrom1904 };
    const toRow = createRowReader(cellDeps, options);
    for await (const rows of readSheetRows(workbook.readSheet(sheet, options.progress), sheet.part)) {
      yield rows.flatMap(toRow);
    }
    toRow.end();
  } finally {
    await sharedStrings.close();
  }
}

interface Header {
  names: string[];
  /** Column of the sheet that the first name stands in. */
  first: number;
}

function createRowReader(deps: CellDeps, { headerRow, knownColumns, onHeader }: XlsxOptions) {
  let header: Header | null = null;
  let count = 0;
  const read = (row: SheetRow): SourceRow[] => {
    const contents = new Map<number, CellContent>();
    for (const [column, cell] of row.cells) {
      const content = readCell(cell, deps);
      if ('problem' in content || content.value !== undefined) contents.set(column, content);
    }
    if (contents.size === 0 && row.problem === null) return [];
    if (header) return [toSourceRow((count += 1), row, contents, header)];
    if (typeof headerRow === 'number' && row.number < headerRow) return [];
    if (typeof headerRow === 'number' && row.number > headerRow) throw noHeader(headerRow);
    header = readHeader(row, contents, knownColumns);
    onHeader?.(header.names);
    return [];
  };
  const end = () => {
    if (!header) throw noHeader(headerRow ?? 1);
  };
  return Object.assign(read, { end });
}

function noHeader(headerRow: number): UnreadableSourceError {
  return new UnreadableSourceError(`Row ${headerRow} of the sheet is empty: it should name the columns.`);
}

function readHeader(
  row: SheetRow,
  contents: ReadonlyMap<number, CellContent>,
  knownColumns: KnownColumns | null | undefined,
): Header {
  if (row.problem !== null) throw new UnreadableSourceError(`The header, row ${row.number}, ${row.problem}.`);
  const columns = [...contents.keys()].sort((a, b) => a - b);
  const [first = 0, last = first] = [columns[0], columns.at(-1)];
  const found = Array.from({ length: last - first + 1 }, (_, index) => {
    const content = contents.get(first + index);
    if (!content) return '';
    if ('value' in content) return String(content.value ?? '');
    throw new UnreadableSourceError(
      `Cell ${cellName(first + index, row.number)}, which should name a column, ${content.problem}.`,
    );
  });
  const names = checkColumnNames(found, (index) => `Column ${columnName(first + index)}`);
  if (knownColumns && !names.some((name) => knownColumns.has(name))) {
    const shown = JSON.stringify(names.join(', ').slice(0, 100));
    throw new UnreadableSourceError(
      `Row ${row.number} must be a header with columns among ${knownColumns.names.join(', ')}; it is ${shown}. Say another headerRow or sheet.`,
    );
  }
  return { names, first };
}

function toSourceRow(
  count: number,
  { number, cells, problem }: SheetRow,
  contents: ReadonlyMap<number, CellContent>,
  { names, first }: Header,
): SourceRow {
  const raw: Record<string, unknown> = {};
  let issue = problem === null ? null : { field: null as string | null, message: problem };
  let characters = 0;
  for (const [column, content] of contents) {
    const name = names[column - first];
    const cell = cellName(column, number);
    if (name === undefined) issue ??= { field: null, message: `has a value in cell ${cell}, above which is no header` };
    if ('problem' in content) issue ??= { field: name ?? null, message: `${content.problem} (cell ${cell})` };
    const value = 'problem' in content ? cells.get(column)?.value || null : content.value;
    characters += typeof value === 'string' ? value.length : 0;
    if (characters > maxRowBytes) {
      issue = { field: null, message: `is longer than ${maxRowBytes} characters` };
      break;
    }
    raw[name ?? cell] = value;
  }
  if (!issue) return { row: count, raw };
  return { row: count, raw, problem: { path: issue.field === null ? [] : [issue.field], row: count, ...issue } };
}
