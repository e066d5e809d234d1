import { assertNever } from '../domain/errors.ts';
import type { ColumnType } from './table-columns.ts';

/** Digits before and behind the point: DECIMAL(38, 18), which holds every decimal that items can have. */
export const decimalScale = 18;
const plainDecimal = /^(-?)(\d{1,20})(?:\.(\d{1,18}))?$/;

/** A value as the Parquet column of its type stores it, exactly; undefined when it does not fit, as in items that were refused. */
export function toParquetValue(value: unknown, type: ColumnType): unknown {
  if (value === null || value === undefined) return null;
  switch (type) {
    case 'TEXT':
      return typeof value === 'string' ? value : undefined;
    case 'BOOLEAN':
      return typeof value === 'boolean' ? value : undefined;
    case 'NUMBER':
      return typeof value === 'number' ? value : undefined;
    case 'INTEGER':
      return Number.isSafeInteger(value) ? BigInt(Number(value)) : undefined;
    case 'TIMESTAMP':
      return toTimestamp(value);
    case 'DECIMAL':
      return toUnscaled(value);
    case 'JSON':
      return JSON.stringify(value);
    default:
      return assertNever(type);
  }
}

/** A moment in the form that items hold; undefined for anything else. */
export function toTimestamp(value: unknown): Date | undefined {
  if (typeof value !== 'string') return undefined;
  const date = new Date(value);
  // Items hold moments in this form alone: in another one there may be more than milliseconds.
  return !Number.isNaN(date.getTime()) && date.toISOString() === value ? date : undefined;
}

/** The decimal without its point, as if it had all digits behind it. */
function toUnscaled(value: unknown): bigint | undefined {
  if (typeof value !== 'string' && typeof value !== 'number') return undefined;
  const [, sign, whole, fraction = ''] = plainDecimal.exec(String(value)) ?? [];
  if (whole === undefined) return undefined;
  const digits = BigInt(whole + fraction.padEnd(decimalScale, '0'));
  return sign === '-' ? -digits : digits;
}
