import { expect, test } from 'vitest';
import type { ItemOutcome, WorkItem } from '../job-types/define-job-type.ts';
import { runItems, type EndedItem } from './run-items.ts';

const items = (count: number): WorkItem<unknown>[] =>
  Array.from({ length: count }, (_, index) => ({
    index,
    key: String(index),
    input: null,
    attempt: 1,
    files: [],
    data: null,
  }));
const fast = { initialDelayMs: 1, maxDelayMs: 2 };
const succeeded: ItemOutcome<never> = { state: 'SUCCEEDED' };
const busy: ItemOutcome<never> = { state: 'FAILED', error: { code: 'BUSY', message: 'busy', retryable: true } };
const wrong: ItemOutcome<never> = { state: 'FAILED', error: { code: 'WRONG', message: 'wrong' } };

async function run(
  count: number,
  process: (items: WorkItem<unknown>[]) => Promise<ItemOutcome<never>[]>,
  signal = new AbortController().signal,
) {
  const ended: EndedItem<never>[] = [];
  await runItems({
    items: items(count),
    batchSize: 3,
    concurrency: 2,
    retry: { ...fast, maxAttempts: 3 },
    process,
    onEnded: (each) => ended.push(...each),
    signal,
  });
  return ended
    .map(({ item, outcome }) => ({
      index: item.index,
      attempts: item.attempt,
      code: outcome.state === 'FAILED' ? outcome.error.code : outcome.state,
    }))
    .sort((a, b) => a.index - b.index);
}

test('every item ends once, in batches of the size that was asked for', async () => {
  const sizes: number[] = [];
  const ended = await run(7, async (batch) => {
    sizes.push(batch.length);
    return batch.map(() => succeeded);
  });
  expect(ended.map(({ index }) => index)).toEqual([0, 1, 2, 3, 4, 5, 6]);
  expect(sizes.sort((a, b) => a - b)).toEqual([1, 3, 3]);
});

test('only the items that failed retryably are tried again, and no more often than the policy says', async () => {
  const seen: number[][] = [];
  const ended = await run(3, async (batch) => {
    seen.push(batch.map(({ index }) => index));
    return batch.map(({ index }) => (index === 0 ? succeeded : index === 1 ? busy : wrong));
  });
  expect(ended).toEqual([
    { index: 0, attempts: 1, code: 'SUCCEEDED' },
    { index: 1, attempts: 3, code: 'BUSY' },
    { index: 2, attempts: 1, code: 'WRONG' },
  ]);
  expect(seen).toEqual([[0, 1, 2], [1], [1]]);
});

test('a call that throws fails its items with what was thrown', async () => {
  const ended = await run(2, async () => {
    throw Object.assign(new Error('the provider is gone'), { code: 'GONE' });
  });
  expect(ended.map(({ code }) => code)).toEqual(['GONE', 'GONE']);
});

test('an item without an outcome fails and says so', async () => {
  expect((await run(2, async () => [succeeded])).map(({ code }) => code)).toEqual(['SUCCEEDED', 'NO_OUTCOME']);
});

test('once it is stopped nothing new begins, and what the stop broke has not ended', async () => {
  const controller = new AbortController();
  let calls = 0;
  const ended = await run(
    30,
    async (batch) => {
      calls += 1;
      if (calls < 3) return batch.map(() => succeeded);
      controller.abort();
      throw new DOMException('stopped', 'AbortError');
    },
    controller.signal,
  );
  expect(ended).toHaveLength(6);
  expect(calls).toBeLessThanOrEqual(4);
});

test('items of one value never run at the same time, and those of different values do', async () => {
  const running = new Map<string, number>();
  const valueOf = ({ index }: WorkItem<unknown>) => (index % 5 === 4 ? null : String(index % 5));
  const most = { ofOneValue: 0, calls: 0 };
  let calls = 0;
  const ended: number[] = [];
  await runItems({
    items: items(100),
    batchSize: 3,
    concurrency: 4,
    lockValueOf: valueOf,
    process: async (batch) => {
      const values = new Set(batch.map(valueOf).filter((value) => value !== null));
      most.calls = Math.max(most.calls, (calls += 1));
      for (const value of values) {
        running.set(value, (running.get(value) ?? 0) + 1);
        most.ofOneValue = Math.max(most.ofOneValue, running.get(value) ?? 0);
      }
      await new Promise((resolve) => setImmediate(resolve));
      for (const value of values) running.set(value, (running.get(value) ?? 0) - 1);
      calls -= 1;
      return batch.map(() => succeeded);
    },
    onEnded: (each) => ended.push(...each.map(({ item }) => item.index)),
    signal: new AbortController().signal,
  });
  expect(most).toEqual({ ofOneValue: 1, calls: 4 });
  expect(ended.toSorted((a, b) => a - b)).toEqual(items(100).map(({ index }) => index));
});
