import { expect, test } from 'vitest';
import { assertSequence } from './assert-sequence.ts';

test('a reader has read up to 0, or to the number of an entry', () => {
  for (const sequence of [0, 1, 2 ** 53 - 1]) expect(() => assertSequence(sequence)).not.toThrow();
  for (const wrong of [-1, 0.5, 2 ** 63, Number.NaN])
    expect(() => assertSequence(wrong)).toThrow(
      `afterSequence is the number of a journal entry, or 0 for all of them, not ${wrong}.`,
    );
});
