import { maxRowBytes } from '../source-row.ts';
import { maxColumns } from '../table-header.ts';
import { UnreadableSourceError } from '../unreadable-source-error.ts';
import type { Cell } from './cell-value.ts';
import { readXml } from './read-xml.ts';

/** A row of a sheet that has cells. */
export interface SheetRow {
  /** As the sheet counts, from 1. */
  number: number;
  /** By their column, from 0. */
  cells: ReadonlyMap<number, Cell>;
  /** Why the row cannot be read as it is: what is in `cells` is only a part of it. */
  problem: string | null;
}

/** ECMA-376 leaves it open; Excel's last row. */
const maxRows = 1_048_576;

/** Reads the rows of a sheet in a stream, a batch for each piece of it; no more is held than a row. @throws UnreadableSourceError */
export async function* readSheetRows(pieces: AsyncIterable<Buffer>, part: string): AsyncGenerator<SheetRow[]> {
  let rows: SheetRow[] = [];
  const reader = createRowReader((row) => rows.push(row));
  for await (const _ of readXml(pieces, part, reader)) {
    if (rows.length > 0) yield rows;
    rows = [];
  }
}

function createRowReader(onRow: (row: SheetRow) => void) {
  let isData = false;
  let rowNumber = 0;
  let cells = new Map<number, Cell>();
  let problem: string | null = null;
  let characters = 0;
  let column = -1;
  let cell: Cell | null = null;
  let isValue = false;
  let isPhonetic = false;

  const openRow = (reference: string | undefined) => {
    const next = reference === undefined ? rowNumber + 1 : Number(reference);
    if (!(next > rowNumber && next <= maxRows)) {
      throw new UnreadableSourceError(
        `Behind row ${rowNumber} the sheet has a row ${JSON.stringify(String(reference ?? next).slice(0, 20))}; rows go up to ${maxRows}, each once.`,
      );
    }
    rowNumber = next;
    cells = new Map();
    problem = null;
    characters = 0;
    column = -1;
  };

  const openCell = (attributes: Readonly<Record<string, string>>) => {
    const reference = attributes['r'];
    column = reference === undefined ? column + 1 : columnOf(reference, rowNumber);
    if (column >= maxColumns) throw new UnreadableSourceError(`Row ${rowNumber} has more than ${maxColumns} columns.`);
    if (cells.has(column)) problem ??= `has the cell ${cellName(column, rowNumber)} twice`;
    cell = { type: attributes['t'] ?? 'n', style: Number(attributes['s'] ?? 0), value: null, hasFormula: false };
  };

  return {
    open(name: string, attributes: Readonly<Record<string, string>>): void {
      if (name === 'sheetData') isData = true;
      if (!isData) return;
      if (name === 'row') openRow(attributes['r']);
      else if (name === 'c') openCell(attributes);
      else if (!cell) return;
      else if (name === 'f') cell.hasFormula = true;
      else if (name === 'rPh') isPhonetic = true;
      else if (name === 'v' || (name === 't' && !isPhonetic)) {
        isValue = true;
        cell.value ??= '';
      }
    },
    text(text: string): void {
      if (!isValue || !cell || characters > maxRowBytes) return;
      characters += text.length;
      if (characters > maxRowBytes) problem ??= `is longer than ${maxRowBytes} characters`;
      else cell.value = `${cell.value ?? ''}${text}`;
    },
    close(name: string): void {
      if (!isData) return;
      isValue = false;
      if (name === 'rPh') isPhonetic = false;
      else if (name === 'c' && cell) {
        if (cell.value !== null || cell.hasFormula || cell.type === 'e') cells.set(column, cell);
        cell = null;
      } else if (name === 'row') {
        if (cells.size > 0 || problem !== null) onRow({ number: rowNumber, cells, problem });
      } else if (name === 'sheetData') isData = false;
    },
  };
}

/** 0 for "A7". @throws UnreadableSourceError */
function columnOf(reference: string, row: number): number {
  const match = /^([A-Z]{1,3})([1-9]\d{0,6})$/.exec(reference);
  if (!match || Number(match[2]) !== row) {
    throw new UnreadableSourceError(`Row ${row} has a cell ${JSON.stringify(reference.slice(0, 20))}.`);
  }
  let column = 0;
  for (const letter of match[1] ?? '') column = column * 26 + letter.charCodeAt(0) - 64;
  return column - 1;
}

/** "A" for 0, "AA" for 26. */
export function columnName(column: number): string {
  const letter = String.fromCharCode(65 + (column % 26));
  return column < 26 ? letter : `${columnName(Math.floor(column / 26) - 1)}${letter}`;
}

/** As people call a cell, like `B12`; the column counts from 0, the row from 1. */
export function cellName(column: number, row: number): string {
  return `${columnName(column)}${row}`;
}
