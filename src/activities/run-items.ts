import { setTimeout as delay } from 'node:timers/promises';
import pLimit from 'p-limit';
import { defaultRetryPolicy, retryDelayMs, type RetryPolicy } from '../domain/backoff.ts';
import { toError } from '../domain/errors.ts';
import { createTurns } from './take-turns.ts';
import type { ItemFailure, ItemOutcome, WorkItem } from '../job-types/define-job-type.ts';

/** How an item ended, and what it took. */
export interface EndedItem<Output> {
  item: WorkItem<unknown>;
  outcome: ItemOutcome<Output>;
  durationMs: number;
}

export interface RunItemsInput<Output> {
  items: WorkItem<unknown>[];
  batchSize: number;
  concurrency: number;
  /** What an item locks: items of one value run one batch after the other. Null: nothing. */
  lockValueOf?: ((item: WorkItem<unknown>) => string | null) | undefined;
  retry?: Partial<RetryPolicy>;
  process(items: WorkItem<unknown>[]): Promise<ItemOutcome<Output>[]>;
  /** Waits until so many items may begin; false when none may any more, and the signal is aborted. */
  admit?(items: number): Promise<boolean>;
  /** Gets items that are to be tried again, before that waits. */
  onRetryable?(again: { item: WorkItem<unknown>; error: ItemFailure }[]): Promise<void>;
  /** Gets items as they end. */
  onEnded(ended: EndedItem<Output>[]): void;
  /** Once aborted nothing new begins, and what was going on does not count. */
  signal: AbortSignal;
}

/** Runs items in batches, some at a time; retryable failures are tried again with backoff, alone. */
export async function runItems<Output>(input: RunItemsInput<Output>): Promise<void> {
  const policy = { ...defaultRetryPolicy, ...input.retry };
  const limit = pLimit(input.concurrency);
  const takeTurns = createTurns();
  await Promise.all(
    inTurn(input).map((turns) =>
      limit(async () => {
        for (const batch of turns) await runBatch(batch);
      }),
    ),
  );

  async function runBatch(batch: WorkItem<unknown>[]): Promise<void> {
    let left = batch;
    await takeTurns();
    while (left.length > 0 && !input.signal.aborted) {
      if (input.admit && !(await input.admit(left.length))) return;
      const startedAt = performance.now();
      const outcomes = await processBatch(left);
      if (input.signal.aborted && outcomes.some(isFailure)) return;
      const durationMs = Math.round((performance.now() - startedAt) / left.length);
      const again: { item: WorkItem<unknown>; error: ItemFailure }[] = [];
      const ended: EndedItem<Output>[] = [];
      left.forEach((item, position) => {
        const outcome = outcomes[position] ?? missingOutcome;
        if (isFailure(outcome) && outcome.error.retryable && item.attempt < policy.maxAttempts)
          again.push({ item, error: outcome.error });
        else ended.push({ item, outcome, durationMs });
      });
      if (ended.length > 0) input.onEnded(ended);
      const [first] = again;
      if (first === undefined) return;
      await input.onRetryable?.(again);
      const asked = Math.max(0, ...again.map(({ error }) => error.retryAfterMs ?? 0));
      await pause(retryDelayMs(policy, first.item.attempt, Math.random(), asked), input.signal);
      left = again.map(({ item }) => ({ ...item, attempt: item.attempt + 1 }));
    }
  }

  /** A call that throws fails its items; whether they are tried again is for the error to say. */
  async function processBatch(items: WorkItem<unknown>[]): Promise<ItemOutcome<Output>[]> {
    try {
      return await input.process(items);
    } catch (thrown) {
      const error = toError(thrown);
      const retryable = 'retryable' in error && error.retryable === true;
      const code = 'code' in error && typeof error.code === 'string' ? error.code : 'UNEXPECTED';
      const wait = 'retryAfterMs' in error && typeof error.retryAfterMs === 'number' ? error.retryAfterMs : undefined;
      const failure = {
        code,
        message: error.message,
        retryable,
        ...(wait === undefined ? {} : { retryAfterMs: wait }),
      };
      return items.map(() => ({ state: 'FAILED', error: failure }));
    }
  }
}

/** For an item that a job type forgot. */
export const missingOutcome: ItemOutcome<never> = {
  state: 'FAILED',
  error: { code: 'NO_OUTCOME', message: 'The job type returned no outcome for this item.' },
};

function isFailure<Output>(outcome: ItemOutcome<Output>): outcome is Extract<ItemOutcome<Output>, { state: 'FAILED' }> {
  return outcome.state === 'FAILED';
}

/** Batches that may run at any time, each with those that must follow it: what has the same value is in the same turns. */
function inTurn<Output>({
  items,
  batchSize,
  concurrency,
  lockValueOf,
}: RunItemsInput<Output>): WorkItem<unknown>[][][] {
  if (!lockValueOf) return batches(items, batchSize).map((batch) => [batch]);
  const free: WorkItem<unknown>[] = [];
  const byValue = new Map<string, WorkItem<unknown>[]>();
  for (const item of items) {
    const value = lockValueOf(item);
    if (value === null) free.push(item);
    else byValue.set(value, [...(byValue.get(value) ?? []), item]);
  }
  const lanes = Array.from({ length: concurrency }, (): WorkItem<unknown>[] => []);
  // The most items of a value first, each to the lane that has least to do.
  for (const locked of [...byValue.values()].sort((a, b) => b.length - a.length)) {
    const least = lanes.reduce((shortest, lane) => (lane.length < shortest.length ? lane : shortest));
    least.push(...locked);
  }
  const locked = lanes.filter((lane) => lane.length > 0).map((lane) => batches(lane, batchSize));
  return [...locked, ...batches(free, batchSize).map((batch) => [batch])];
}

function batches<T>(items: T[], size: number): T[][] {
  return Array.from({ length: Math.ceil(items.length / size) }, (_, index) =>
    items.slice(index * size, (index + 1) * size),
  );
}

async function pause(ms: number, signal: AbortSignal): Promise<void> {
  await delay(ms, undefined, { signal }).catch((thrown: unknown) => {
    if (!signal.aborted) throw toError(thrown);
  });
}
