import { toExactDecimal } from './exact-decimal.ts';
import type { IsDateStyle } from './number-formats.ts';
import { toIsoMoment } from './serial-date.ts';

/** A cell as its sheet states it. */
export interface Cell {
  /** ECMA-376, part 1, 18.18.11: "b", "d", "e", "inlineStr", "n", "s" or "str". */
  type: string;
  style: number;
  /** What is stored as its value; null when nothing is. */
  value: string | null;
  hasFormula: boolean;
}

/** What a cell holds; `undefined` when it is empty. */
export type CellContent = { value: string | number | boolean | undefined } | { problem: string };

export interface CellDeps {
  /** Null when there is none of that number, or it is too long. */
  sharedString(index: number): string | null;
  isDateStyle: IsDateStyle;
  /** Whether the workbook counts its days from 1904. */
  isFrom1904: boolean;
}

/** Numbers come digit by digit, dates as ISO 8601. A problem is to be read after the column's name. */
export function readCell({ type, style, value, hasFormula }: Cell, deps: CellDeps): CellContent {
  if (type === 'e') return { problem: `holds the error ${(value ?? '').slice(0, 20) || '#N/A'}` };
  if (value === null || (value === '' && type !== 'str' && type !== 'inlineStr')) {
    if (!hasFormula) return { value: undefined };
    return {
      problem: 'holds a formula without a stored value: open the workbook in a spreadsheet program and save it',
    };
  }
  switch (type) {
    case 's':
      return readSharedString(value, deps);
    case 'str':
    case 'inlineStr':
      return { value: unescape(value) || undefined };
    case 'b':
      if (value === '1' || value === 'true') return { value: true };
      if (value === '0' || value === 'false') return { value: false };
      return { problem: `holds ${quote(value)}, which is neither true nor false` };
    case 'd':
      return { value: /T[\d:.]+$/.test(value) ? `${value}Z` : value };
    case 'n':
      return readNumber(value, style, deps);
    default:
      return { problem: `holds a value of the unknown type ${quote(type)}` };
  }
}

function readSharedString(value: string, { sharedString }: CellDeps): CellContent {
  const text = /^\d{1,9}$/.test(value) ? sharedString(Number(value)) : null;
  if (text !== null) return { value: unescape(text) || undefined };
  return {
    problem: `refers to the shared text ${quote(value)}, which the workbook does not have or which is too long`,
  };
}

function readNumber(value: string, style: number, { isDateStyle, isFrom1904 }: CellDeps): CellContent {
  const exact = toExactDecimal(value);
  if (exact === null) return { problem: `holds ${quote(value)}, which is no number` };
  if (!isDateStyle(style)) return { value: exact };
  const moment = toIsoMoment(Number(value), isFrom1904);
  return moment === null ? { problem: `holds ${quote(value)}, which is no date` } : { value: moment };
}

/** ECMA-376, part 1, 22.4.2.4: how characters that XML does not carry are written. */
function unescape(text: string): string {
  if (!text.includes('_x')) return text;
  return text.replace(/_x([0-9A-Fa-f]{4})_/g, (_, code: string) => String.fromCharCode(Number.parseInt(code, 16)));
}

function quote(value: string): string {
  return JSON.stringify(value.slice(0, 40));
}
