import { expect, test } from 'vitest';
import { parseA1, parseCells, toA1 } from './a1-range.ts';

test.each([
  ['Ideas', { tab: 'Ideas', cells: null }],
  ["'It''s mine'", { tab: "It's mine", cells: null }],
  ["'A!B'!A1:B2", { tab: 'A!B', cells: { startColumn: 0, startRow: 0, endColumn: 2, endRow: 2 } }],
  ['Ideas!$A$2:C', { tab: 'Ideas', cells: { startColumn: 0, startRow: 1, endColumn: 3 } }],
  ['Q1', { tab: 'Q1', cells: null }],
])('%j is a range', (text, expected) => {
  expect(parseA1(text)).toEqual(expected);
});

test.each(['', '!A1', 'Ideas!', 'Ideas!A1:', "'Ideas", 'Ideas!A1!B2', 'Ideas!ABCD1', 'Ideas!A0'])(
  '%j is none',
  (text) => {
    expect(parseA1(text)).toBeNull();
  },
);

test.each([
  ['A1:B2', { startColumn: 0, startRow: 0, endColumn: 2, endRow: 2 }],
  ['b7', { startColumn: 1, startRow: 6, endColumn: 2, endRow: 7 }],
  ['A:C', { startColumn: 0, startRow: 0, endColumn: 3 }],
  ['2:9', { startColumn: 0, startRow: 1, endRow: 9 }],
  ['A2:9', { startColumn: 0, startRow: 1, endRow: 9 }],
  ['C9:A1', { startColumn: 0, startRow: 0, endColumn: 3, endRow: 9 }],
  ['AA1:XFD1', { startColumn: 26, startRow: 0, endColumn: 16_384, endRow: 1 }],
  ['A', null],
  ['7', null],
  ['', null],
])('the cells %j', (text, expected) => {
  expect(parseCells(text)).toEqual(expected);
});

test('ranges are written with quotes, whatever the tab is called', () => {
  expect(toA1("It's A1", { startColumn: 26, startRow: 1, endColumn: 28, endRow: 50 })).toBe("'It''s A1'!AA2:AB50");
});
