import { fc, test as property } from '@fast-check/vitest';
import { describe, expect, test } from 'vitest';
import {
  assertRequest,
  chooseChunks,
  chooseItems,
  maxChosenChunks,
  maxChosenItems,
  maxChunkRetries,
  type ChunkToRetry,
} from './redrive.ts';

const chunk = (index: number, changes: Partial<ChunkToRetry> = {}): ChunkToRetry => ({
  stage: 1,
  generation: 0,
  index,
  state: 'FAILED',
  retries: 0,
  failedItems: 5,
  ...changes,
});
const place = (index: number) => ({ stage: 1, generation: 0, index });

describe('a request', () => {
  test('names at least one and at most 1,000 items or chunks', () => {
    const items = (count: number) => Array.from({ length: count }, (_, index) => index);
    assertRequest({ kind: 'ITEMS', indexes: items(maxChosenItems) });
    assertRequest({ kind: 'CHUNKS', chunks: items(maxChosenChunks).map(place) });
    assertRequest({ kind: 'CHUNKS', chunks: null });
    assertRequest({ kind: 'FINGERPRINT', fingerprint: 'f' });
    expect(() => assertRequest({ kind: 'ITEMS', indexes: [] })).toThrow('Name at least one of the items');
    expect(() => assertRequest({ kind: 'CHUNKS', chunks: [] })).toThrow('Name at least one of the chunks');
    expect(() => assertRequest({ kind: 'ITEMS', indexes: items(maxChosenItems + 1) })).toThrow('at most 1000 items');
    expect(() => assertRequest({ kind: 'CHUNKS', chunks: items(maxChosenChunks + 1).map(place) })).toThrow(
      'at most 1000 chunks',
    );
  });
});

describe('chosen items', () => {
  property.prop([fc.array(fc.nat(50), { minLength: 1 })])('are taken once each, in order', (indexes) => {
    const chosen = chooseItems(indexes, new Set(indexes));
    expect(chosen).toEqual([...new Set(chosen)].toSorted((a, b) => a - b));
    expect(new Set(chosen)).toEqual(new Set(indexes));
  });

  test('that are not FAILED are refused, each with its row', () => {
    expect(() => chooseItems([3, 4, 5], new Set([4]))).toThrow(
      expect.objectContaining({
        code: 'INVALID_INPUT',
        message: '2 of the chosen items are not FAILED.',
        issues: [
          expect.objectContaining({ path: ['selection', '0'], row: 4 }),
          expect.objectContaining({ path: ['selection', '2'], row: 6 }),
        ],
      }),
    );
  });
});

describe('chosen chunks', () => {
  test('are those that were named, once each', () => {
    expect(chooseChunks([place(1), place(0), place(1)], [chunk(0), chunk(1)])).toEqual([chunk(1), chunk(0)]);
  });

  test.each([
    ['that are not there', 'NOT_FOUND', []],
    ['that did not fail', 'CONFLICT', [chunk(0, { state: 'COMPLETED' })]],
    ['whose items have run again', 'CONFLICT', [chunk(0, { failedItems: 0 })]],
    ['that were retried three times', 'LIMIT_EXCEEDED', [chunk(0, { retries: maxChunkRetries })]],
  ])('%s are refused', (_, code, found) => {
    expect(() => chooseChunks([place(0)], found)).toThrow(expect.objectContaining({ code }));
  });

  test('are all that failed and have retries left when none is named', () => {
    const found = [
      chunk(0),
      chunk(1, { failedItems: 0 }),
      chunk(2, { retries: maxChunkRetries }),
      chunk(3, { retries: 2 }),
    ];
    expect(chooseChunks(null, found).map(({ index }) => index)).toEqual([0, 3]);
  });

  test('are refused when none of those that failed is left', () => {
    expect(() => chooseChunks(null, [])).toThrow(expect.objectContaining({ code: 'CONFLICT' }));
    expect(() => chooseChunks(null, [chunk(0, { retries: maxChunkRetries })])).toThrow(
      expect.objectContaining({ code: 'LIMIT_EXCEEDED', limit: 3, remaining: 0 }),
    );
  });
});
