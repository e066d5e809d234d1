import { describe, expect, test } from 'vitest';
import { toParquetValue } from './parquet-value.ts';
import type { ColumnType } from './table-columns.ts';

describe('toParquetValue', () => {
  test.each<[unknown, ColumnType, unknown]>([
    ['a', 'TEXT', 'a'],
    [true, 'BOOLEAN', true],
    [1.5, 'NUMBER', 1.5],
    [9007199254740991, 'INTEGER', 9007199254740991n],
    ['2026-03-02T09:30:00.000Z', 'TIMESTAMP', new Date('2026-03-02T09:30:00.000Z')],
    ['-0.10', 'DECIMAL', -100000000000000000n],
    [7, 'DECIMAL', 7000000000000000000n],
    ['99999999999999999999.999999999999999999', 'DECIMAL', 10n ** 38n - 1n],
    [{ a: [1] }, 'JSON', '{"a":[1]}'],
    [null, 'DECIMAL', null],
    [undefined, 'TEXT', null],
  ])('%o is stored as %s', (value, type, expected) => {
    expect(toParquetValue(value, type)).toEqual(expected);
  });

  test.each<[unknown, ColumnType]>([
    [5, 'TEXT'],
    ['true', 'BOOLEAN'],
    ['1.5', 'NUMBER'],
    [1.5, 'INTEGER'],
    [2 ** 53, 'INTEGER'],
    ['2026-03-02T09:30:00.000000001Z', 'TIMESTAMP'],
    ['soon', 'TIMESTAMP'],
    [5, 'TIMESTAMP'],
    ['1e3', 'DECIMAL'],
    ['0.1234567890123456789', 'DECIMAL'],
    [true, 'DECIMAL'],
  ])('%o does not fit a column of %s', (value, type) => {
    expect(toParquetValue(value, type)).toBeUndefined();
  });
});
