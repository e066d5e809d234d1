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
  const quick = { itemMs: 0.1, declared: 500, least: 400 };

  test.each([
    { ...quick, why: 'no items', total: 0, chosen: 500 },
    { ...quick, why: 'a small job', total: 10_000, chosen: 500 },
    { ...quick, why: 'over 20 chunks', total: 100_000, chosen: 5_000 },
    { ...quick, why: 'a huge job', total: 100_000_000, chosen: 10_000 },
    { ...quick, why: 'chunks that would take over 2 s', total: 100_000_000, itemMs: 1, chosen: 2_000 },
    { ...quick, why: 'chunks that take 4 s as declared', total: 100_000_000, itemMs: 8, chosen: 500 },
    { ...quick, why: 'chunks that would take over 5 s as declared', total: 100, itemMs: 12, chosen: 416 },
    { ...quick, why: 'items that a chunk runs all at once anyway', total: 100, itemMs: 1_000, chosen: 400 },
    { ...quick, why: 'items slower than a chunk should be', total: 100, itemMs: 60_000, least: 1, chosen: 1 },
    {
      ...quick,
      why: 'a job type that declares small chunks',
      total: 100,
      itemMs: 60_000,
      declared: 20,
      least: 20,
      chosen: 20,
    },
    { ...quick, why: 'items that take no time', total: 100_000, itemMs: 0, chosen: 5_000 },
  ])('takes $chosen for $why', ({ total, itemMs, declared, least, chosen }) => {
    expect(chooseChunkSize({ total, itemMs, declared, least })).toBe(chosen);
  });

  test.prop([
    fc.integer({ min: 0, max: 200_000_000 }),
    fc.double({ min: 0, max: 1e9, noNaN: true }),
    fc.integer(chunkSizeLimits),
    fc.integer({ min: 1, max: 100_000 }),
  ])('stays within the bounds of the API', (total, itemMs, declared, least) => {
    const size = chooseChunkSize({ total, itemMs, declared, least: Math.min(least, declared) });
    expect(Number.isInteger(size)).toBe(true);
    expect(size).toBeGreaterThanOrEqual(chunkSizeLimits.min);
    expect(size).toBeLessThanOrEqual(chunkSizeLimits.max);
  });
});
