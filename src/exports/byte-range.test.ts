import { describe, expect, test } from 'vitest';
import { parseByteRange } from './byte-range.ts';

describe('parseByteRange', () => {
  test.each([
    ['bytes=0-0', { start: 0, end: 0 }],
    ['bytes=2-5', { start: 2, end: 5 }],
    ['Bytes= 2-5 ', { start: 2, end: 5 }],
    ['bytes=7-', { start: 7, end: 9 }],
    ['bytes=7-99999999999999999999', { start: 7, end: 9 }],
    ['bytes=-3', { start: 7, end: 9 }],
    ['bytes=-30', { start: 0, end: 9 }],
  ])('of ten bytes, %j is %o', (header, expected) => {
    expect(parseByteRange(header, 10)).toEqual(expected);
  });

  test.each(['bytes=10-', 'bytes=10-20', 'bytes=-0'])('%j lies behind ten bytes', (header) => {
    expect(parseByteRange(header, 10)).toBe('UNSATISFIABLE');
  });

  test.each(['bytes=0-', 'bytes=-5'])('%j cannot be had of nothing', (header) => {
    expect(parseByteRange(header, 0)).toBe('UNSATISFIABLE');
  });

  test.each([undefined, '', 'bytes=-', 'bytes=5-2', 'bytes=a-b', 'bytes=1-2,4-5', 'items=0-1', 'bytes=1.5-2'])(
    '%j is passed over',
    (header) => {
      expect(parseByteRange(header, 10)).toBe('WHOLE');
    },
  );
});
