import { expect, it } from 'vitest';
import { toIsoMoment, toSheetsMoment } from './serial-date.ts';

it.each([
  [1, false, '1900-01-01'],
  [59, false, '1900-02-28'],
  [60, false, null],
  [61, false, '1900-03-01'],
  [46083, false, '2026-03-02'],
  [46083.395833333336, false, '2026-03-02T09:30:00Z'],
  [46083.00000001157, false, '2026-03-02T00:00:00.001Z'],
  [0.395833333333333, false, '09:30:00'],
  [0, true, '1904-01-01'],
  [44621.5, true, '2026-03-02T12:00:00Z'],
  [-1, false, null],
  [3_000_000, false, null],
  [Number.NaN, false, null],
])('day %d, from 1904: %s, is %s', (serial, isFrom1904, expected) => {
  expect(toIsoMoment(serial, isFrom1904)).toBe(expected);
});

it.each([
  [1, '1899-12-31'],
  [60, '1900-02-28'],
  [61, '1900-03-01'],
  [46083, '2026-03-02'],
  [46083.395833333336, '2026-03-02T09:30:00Z'],
  [0.395833333333333, '09:30:00'],
  [-1, null],
  [3_000_000, null],
])('day %d of Google Sheets is %s', (serial, expected) => {
  expect(toSheetsMoment(serial)).toBe(expected);
});
