import { expect, test } from 'vitest';
import { toSerialDate, toXlsxValue } from './xlsx-value.ts';

test.each([
  ['1249.90', 1249.9],
  ['-0.10', -0.1],
  ['0.000000000000000001', 1e-18],
  ['123456789012345', 123_456_789_012_345],
  ['1234567890123.45', 1_234_567_890_123.45],
  ['123456789012345.000', 123_456_789_012_345],
  [7, 7],
])('the decimal %j is a number, which it stays to the last digit', (value, expected) => {
  expect(toXlsxValue(value, 'DECIMAL')).toBe(expected);
});

test.each(['1234567890123456', '0.1234567890123456', '1000000000000000000', '007', '1e5', '+1', '', ' 1'])(
  'the decimal %j is text: as a number it would be rounded, or shown as another',
  (value) => {
    expect(toXlsxValue(value, 'DECIMAL')).toBe(value);
  },
);

test.each([
  ['TEXT', '12', '12'],
  ['TEXT', 12, '12'],
  ['TEXT', { a: 1 }, '{"a":1}'],
  ['JSON', ['x'], '["x"]'],
  ['BOOLEAN', false, false],
  ['BOOLEAN', 'no', 'no'],
  ['NUMBER', 0.1, 0.1],
  ['NUMBER', '0.12345678901234567', '0.12345678901234567'],
  ['INTEGER', 9_007_199_254_740_991, '9007199254740991'],
  ['TIMESTAMP', '2026-03-02', '2026-03-02'],
  ['TIMESTAMP', '1900-02-28T00:00:00.000Z', '1900-02-28T00:00:00.000Z'],
  ['DECIMAL', true, 'true'],
  ['DECIMAL', null, null],
] as const)('in a column of type %s, %j is %j', (type, value, expected) => {
  expect(toXlsxValue(value, type)).toBe(expected);
});

test('a moment is a date, counted in days as spreadsheets do', () => {
  const date = toXlsxValue('2026-03-02T12:00:00.000Z', 'TIMESTAMP');
  expect(date).toEqual(new Date('2026-03-02T12:00:00Z'));
  expect(toSerialDate(new Date('2026-03-02T12:00:00Z'))).toBe(46_083.5);
  expect(toSerialDate(new Date('1900-03-01T00:00:00Z'))).toBe(61);
});
