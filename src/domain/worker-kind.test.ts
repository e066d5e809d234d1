import { describe, expect, test } from 'vitest';
import { defaultWorkerQueues, mostEncodings, parseWorkerQueues, taskQueueOf } from './worker-kind.ts';

describe('the task queue of a kind of worker', () => {
  test('is the usual one for what any worker can run, and one beside it for the others', () => {
    expect([taskQueueOf('bulk', 'DEFAULT'), taskQueueOf('bulk', 'ENCODE'), taskQueueOf('bulk', 'ENCODE_4K')]).toEqual([
      'bulk',
      'bulk-encode',
      'bulk-encode-4k',
    ]);
  });
});

describe('what a worker runs', () => {
  test('is everything by default, an encoding for every two cores', () => {
    expect(defaultWorkerQueues(8, 6)).toEqual({ DEFAULT: 8, ENCODE: 3, ENCODE_4K: 1 });
    expect(defaultWorkerQueues(8, 1)).toEqual({ DEFAULT: 8, ENCODE: 1, ENCODE_4K: 1 });
  });

  test('is never more encodings together than of one kind', () => {
    expect(mostEncodings(defaultWorkerQueues(8, 2))).toBe(1);
    expect(mostEncodings({ ENCODE: 3, ENCODE_4K: 1 })).toBe(3);
    expect(mostEncodings({ DEFAULT: 8, ENCODE_4K: 2 })).toBe(2);
    expect(mostEncodings({ DEFAULT: 8 })).toBe(1);
  });

  test('can be chosen, with or without how much of it at a time', () => {
    const usual = defaultWorkerQueues(8, 4);
    expect(parseWorkerQueues('default', usual)).toEqual({ DEFAULT: 8 });
    expect(parseWorkerQueues('encode=5, Encode-4k', usual)).toEqual({ ENCODE: 5, ENCODE_4K: 1 });
    expect(parseWorkerQueues('encode', {})).toEqual({ ENCODE: 1 });
  });

  test.each(['', 'gpu', 'encode=0', 'encode=half', 'encode=201', 'default,,encode'])('cannot be %j', (text) => {
    expect(() => parseWorkerQueues(text, {})).toThrow('must be a list as default,encode=2,encode-4k');
  });
});
