import { expect, test } from 'vitest';
import { toCellText } from './cell-text.ts';

test.each([
  ['nothing', undefined, undefined, ''],
  ['a text', ' two words ', ' two words ', ' two words '],
  ['true', true, true, 'TRUE'],
  ['false', false, false, 'FALSE'],
  ['a number', 1249.9, 1249.9, '1249.9'],
  ['a large number', 1e21, 1e21, '1000000000000000000000'],
  ['a small number', 1e-7, 1e-7, '0.0000001'],
  ['a number of which nobody asked how it is shown', 7, undefined, '7'],
  ['a day', 46083, '02.03.2026', '2026-03-02'],
  ['a moment', 46083.395833333336, '3/2/2026 9:30:00', '2026-03-02T09:30:00Z'],
  ['a time of day', 0.395833333333333, '9:30', '09:30:00'],
  ['a length of time', 1.5, '36:00:00', '1.5'],
  ['a day before all days', -2, '28.12.1899', '-2'],
])('%s', (_, value, shown, text) => {
  expect(toCellText(value, shown)).toBe(text);
});
