import { assertNever } from '../domain/errors.ts';
import { toTimestamp } from './parquet-value.ts';
import type { ColumnType } from './table-columns.ts';

/** What a cell of a sheet can hold. A text is never a formula, whatever it begins with. */
export type XlsxValue = string | number | boolean | Date;

/** A value as a cell shows it without changing it; text where a number would be rounded, or does not fit its column. */
export function toXlsxValue(value: unknown, type: ColumnType): XlsxValue | null {
  if (value === null || value === undefined) return null;
  switch (type) {
    case 'TEXT':
    case 'JSON':
      return toText(value);
    case 'BOOLEAN':
      return typeof value === 'boolean' ? value : toText(value);
    case 'NUMBER':
      return typeof value === 'number' ? value : (toExactNumber(value) ?? toText(value));
    case 'INTEGER':
    case 'DECIMAL':
      return toExactNumber(value) ?? toText(value);
    case 'TIMESTAMP':
      return toSheetDate(value) ?? toText(value);
    default:
      return assertNever(type);
  }
}

function toText(value: unknown): string {
  return typeof value === 'string' ? value : JSON.stringify(value);
}

const plainDecimal = /^-?(?:0|[1-9]\d*)(?:\.\d+)?$/;
/** A double gives back every decimal of so many digits (IEEE 754, DBL_DIG), and spreadsheets show no more of them. */
const maxDigits = 15;

function toExactNumber(value: unknown): number | undefined {
  if (typeof value !== 'string' && typeof value !== 'number') return undefined;
  const text = String(value);
  if (!plainDecimal.test(text)) return undefined;
  const withoutEndZeros = text.includes('.') ? text.replace(/\.?0+$/, '') : text;
  const digits = withoutEndZeros.replace(/[-.]/g, '').replace(/^0+/, '');
  return digits.length <= maxDigits ? Number(text) : undefined;
}

const dayMs = 86_400_000;
/** Day 0 of a sheet. From March 1900 on: before it, sheets count a 29 February that there never was. */
const epoch = Date.UTC(1899, 11, 30);
const firstDate = Date.UTC(1900, 2, 1);
const lastDate = Date.UTC(9999, 11, 31, 23, 59, 59, 999);

function toSheetDate(value: unknown): Date | undefined {
  const date = toTimestamp(value);
  return date && date.getTime() >= firstDate && date.getTime() <= lastDate ? date : undefined;
}

/** Days since the beginning of 1900, as sheets count them. */
export function toSerialDate(date: Date): number {
  return (date.getTime() - epoch) / dayMs;
}
