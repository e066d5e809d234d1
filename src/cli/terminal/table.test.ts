import { expect, test } from 'vitest';
import { formatDuration } from './format-duration.ts';
import { formatTable } from './table.ts';

test('columns are as wide as their widest cell, numbers stand at the right', () => {
  const lines = formatTable(
    [
      { title: 'Currency', align: 'left' },
      { title: 'Total', align: 'right' },
    ],
    [
      ['EUR', '1,234.50'],
      ['JPY', '9'],
    ],
  );
  expect(lines).toEqual([
    '  Currency     Total',
    '  ────────  ────────',
    '  EUR       1,234.50',
    '  JPY              9',
  ]);
});

test.each([
  [0, '0.0 s'],
  [9949, '9.9 s'],
  [12_400, '12 s'],
  [185_000, '3 min 05 s'],
  [7_800_000, '2 h 10 min'],
])('%d ms reads as %s', (ms, text) => {
  expect(formatDuration(ms)).toBe(text);
});
