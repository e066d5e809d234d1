import { fc, test } from '@fast-check/vitest';
import { describe, expect } from 'vitest';
import { chooseChunkSize, chunkSizeLimits, cutChunks } from './chunk-ranges.ts';

describe('Cutting chunks', () => {
  test('makes three chunks of 1,500 items by 500', () => {
    expect(cutChunks(1_500, 500)).toEqual([
      { index: 0, firstItem: 0, lastItem: 499 },
      { index: 1, firstItem: 500, lastItem: 999 },
      { index: 2, firstItem: 1_000, lastItem: 1_499 },
    ]);
  });

  test('leaves a shorter last chunk when the size does not divide the total', () => {
    expect(cutChunks(7, 3).at(-1)).toEqual({ index: 2, firstItem: 6, lastItem: 6 });
  });

  test('makes no chunk of no items', () => {
    expect(cutChunks(0, 500)).toEqual([]);
  });

  test.each([0, -1, 2.5, Number.NaN])('refuses %d items a chunk', (size) => {
    expect(() => cutChunks(10, size)).toThrow(`A chunk holds at least one item, not ${size}.`);
  });

  const totals = fc.integer({ min: 0, max: 5_000 });
  const sizes = fc.integer({ min: 1, max: 6_000 });

  test.prop([totals, sizes])('covers every item exactly once, in order', (total, size) => {
    const covered = cutChunks(total, size).flatMap(({ firstItem, lastItem }) =>
      Array.from({ length: lastItem - firstItem + 1 }, (_, offset) => firstItem + offset),
    );
    expect(covered).toEqual(Array.from({ length: total }, (_, item) => item));
  });

  test.prop([totals, sizes])('fills every chunk but the last and numbers them from 0', (total, size) => {
    const chunks = cutChunks(total, size);
    const lengths = chunks.map(({ firstItem, lastItem }) => lastItem - firstItem + 1);
    expect(chunks.map((chunk) => chunk.index)).toEqual([...chunks.keys()]);
    expect(lengths.slice(0, -1).every((length) => length === size)).toBe(true);
    expect(lengths.every((length) => length >= 1 && length <= size)).toBe(true);
  });
});

describe('Choosing a chunk size', () => {
  test.each([
    { total: 0, declared: 500, chosen: 500 },
    { total: 25_000, declared: 500, chosen: 500 },
    { total: 100_000, declared: 500, chosen: 2_000 },
    { total: 100_000_000, declared: 500, chosen: 5_000 },
    { total: 100_000_000, declared: 8_000, chosen: 8_000 },
  ])('takes $chosen for $total items of a job type that declares $declared', ({ total, declared, chosen }) => {
    expect(chooseChunkSize(total, declared)).toBe(chosen);
  });

  test.prop([fc.integer({ min: 0, max: 200_000_000 }), fc.integer(chunkSizeLimits)])(
    'stays within the bounds of the API and never goes below what the job type declares',
    (total, declared) => {
      const size = chooseChunkSize(total, declared);
      expect(size).toBeGreaterThanOrEqual(declared);
      expect(size).toBeLessThanOrEqual(chunkSizeLimits.max);
    },
  );
});
