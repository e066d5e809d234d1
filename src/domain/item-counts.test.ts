import { fc, test } from '@fast-check/vitest';
import { describe, expect } from 'vitest';
import {
  finalItemStates,
  finishedItems,
  isConserved,
  itemStates,
  moveItems,
  noItems,
  toItemCounts,
  type CountedState,
  type ItemCounts,
} from './item-counts.ts';

const states: readonly CountedState[] = ['pending', 'running', 'succeeded', 'failed', 'skipped', 'canceled'];
const tenPending: ItemCounts = { ...noItems, total: 10, pending: 10 };

test('the counts of a job are taken from it without the rest', () => {
  const job = { ...tenPending, title: 'Echo' };
  expect(toItemCounts(job)).toEqual(tenPending);
});

describe('Moving items between states', () => {
  test('takes them from one count and adds them to the other', () => {
    const moved = moveItems(tenPending, 'pending', 'running', 4);
    expect(moved).toEqual({ ...tenPending, pending: 6, running: 4 });
    expect(tenPending.pending).toBe(10);
  });

  test('changes nothing within one state', () => {
    expect(moveItems(tenPending, 'pending', 'pending', 4)).toEqual(tenPending);
  });

  test('refuses to move more than there are', () => {
    expect(() => moveItems(tenPending, 'running', 'failed', 1)).toThrow(
      'Cannot move 1 items from running: there are 0.',
    );
  });

  test.each([-1, 0.5, Number.NaN])('refuses to move %d items', (n) => {
    expect(() => moveItems(tenPending, 'pending', 'running', n)).toThrow(`Cannot move ${n} items.`);
  });

  const state = fc.constantFrom(...states);
  const moves = fc.array(fc.record({ from: state, to: state, share: fc.double({ min: 0, max: 1, noNaN: true }) }));

  test.prop([fc.nat(1_000_000), moves])('conserves the total over any sequence of moves', (total, steps) => {
    const end = steps.reduce(
      (counts, { from, to, share }) => moveItems(counts, from, to, Math.floor(counts[from] * share)),
      { ...noItems, total, pending: total },
    );
    expect(end.total).toBe(total);
    expect(isConserved(end)).toBe(true);
    expect(finishedItems(end)).toBe(total - end.pending - end.running);
  });
});

describe('Conservation', () => {
  test('holds for a job without items', () => {
    expect(isConserved(noItems)).toBe(true);
  });

  test.each([
    { title: 'an item is lost', counts: { ...tenPending, pending: 9 } },
    { title: 'an item is counted twice', counts: { ...tenPending, succeeded: 1 } },
    { title: 'a count is negative', counts: { ...tenPending, pending: 11, failed: -1 } },
  ])('is broken when $title', ({ counts }) => {
    expect(isConserved(counts)).toBe(false);
  });
});

test('Only an item that ran to its end has a result of its own', () => {
  expect(itemStates.filter((state) => !finalItemStates.some((final) => final === state))).toEqual([
    'PENDING',
    'RUNNING',
    'CANCELED',
  ]);
});
