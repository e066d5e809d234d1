import { fc, test } from '@fast-check/vitest';
import { describe, expect } from 'vitest';
import { sizePartitions, windowLimits } from './partitions.ts';

describe('Cutting a stage into partitions', () => {
  test('begins with half of what each lane would get and ends fine', () => {
    const sizes = sizePartitions(20_000, 16);
    expect(sizes[0]).toBe(625);
    expect(sizes.at(-2)).toBe(20);
    expect(sizes).toHaveLength(140);
  });

  test('makes none of no chunks', () => {
    expect(sizePartitions(0, 16)).toEqual([]);
  });

  const lanes = fc.integer(windowLimits);
  const chunks = fc.integer({ min: 1, max: 100_000_000 });

  test.prop([chunks, lanes])('loses no chunk and never grows', (count, width) => {
    const sizes = sizePartitions(count, width);
    expect(sizes.reduce((sum, size) => sum + size, 0)).toBe(count);
    expect(sizes).toEqual(sizes.toSorted((a, b) => b - a));
  });

  test.prop([chunks, lanes])('makes at most nine for each lane, however large the stage is', (count, width) => {
    expect(sizePartitions(count, width).length).toBeLessThanOrEqual(9 * width);
  });
});
