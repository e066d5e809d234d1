import { expect, test } from 'vitest';
import { parseContentRange } from './content-range.ts';

test.each([
  ['bytes 5-9/10', { start: 5, end: 9, total: 10 }],
  ['bytes 0-0/*', { start: 0, end: 0, total: null }],
  ['bytes */10', { start: null, end: null, total: 10 }],
  ['bytes */*', { start: null, end: null, total: null }],
])('%s is read', (header, range) => {
  expect(parseContentRange(header)).toEqual(range);
});

test.each(['', 'bytes 5-/10', 'bytes 9-5/10', 'bytes 5-10/10', 'items 5-9/10', 'bytes 5-9', 'bytes -5-9/10'])(
  '%j is no range',
  (header) => {
    expect(parseContentRange(header)).toBeNull();
  },
);
