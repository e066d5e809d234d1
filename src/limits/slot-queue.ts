import { setTimeout as delay } from 'node:timers/promises';
import type { Logger } from 'pino';
import { slotTimes, type SlotAnswer } from '../domain/bucket.ts';
import { toError } from '../domain/errors.ts';
import type { DatabaseClock } from './database-clock.ts';

/** Those of one job on one worker that wait for slots, in the order in which they came. */
export interface SlotQueue {
  take(items: number, signal: AbortSignal): Promise<'GO' | 'STOPPED' | 'CLOSED'>;
  /** Throws away the slots that are at hand. */
  drop(): void;
}

interface Waiter {
  items: number;
  /** Until when each slot that it has is good. */
  slots: number[];
  signal: AbortSignal;
  settle(outcome: 'GO' | 'STOPPED' | 'CLOSED'): void;
}

/** Slots that are at hand, by the database's clock. */
interface Block {
  /** The next one. */
  startsAt: number;
  left: number;
}

/** This process's own time, in milliseconds. */
export interface Timer {
  now(): number;
  /** Ends early when the signal is aborted. */
  sleep(ms: number, signal: AbortSignal): Promise<void>;
}

/** A chunk waits no longer than this for a provider that is closed. */
export const patienceMs = 2_000;
/** After an error, as in an outage of the database. */
const errorPauseMs = 1_000;

const systemTimer: Timer = {
  now: () => performance.now(),
  sleep: (ms, signal) => delay(Math.max(ms, 1), undefined, { signal }).catch(() => undefined),
};

export interface SlotQueueDeps {
  /** Takes slots of the bucket. */
  ask: (slots: number) => Promise<SlotAnswer>;
  clock: Pick<DatabaseClock, 'latest' | 'uncertaintyMs'>;
  log: Logger;
  itemsPerSecond: number;
  timer?: Timer;
}

export function createSlotQueue({ ask, clock, log, itemsPerSecond, timer = systemTimer }: SlotQueueDeps): SlotQueue {
  const { spacingMs, lateMs } = slotTimes(itemsPerSecond);
  const waiters: Waiter[] = [];
  let block: Block | null = null;
  /** Grows with each drop: an answer that was asked for before it counts no more. */
  let drops = 0;
  let used = 0;
  let isPumping = false;
  let nap = new AbortController();

  function settleStopped(): void {
    for (let at = waiters.length - 1; at >= 0; at -= 1) {
      if (!waiters[at]?.signal.aborted) continue;
      const [stopped] = waiters.splice(at, 1);
      stopped?.settle('STOPPED');
    }
  }

  /** Serves who waits until nobody does. */
  async function pump(): Promise<void> {
    for (;;) {
      const [first] = waiters;
      if (!first) {
        isPumping = false;
        return;
      }
      if (block?.left === 0) block = null;
      if (!block) await refill();
      else {
        const now = timer.now();
        const startsAt = clock.latest(block.startsAt);
        if (startsAt > now) await rest(startsAt - now);
        else useSlot(block, first, { now, goodUntil: startsAt + lateMs - clock.uncertaintyMs() });
      }
    }
  }

  function useSlot(from: Block, waiter: Waiter, { now, goodUntil }: { now: number; goodUntil: number }): void {
    from.startsAt += spacingMs;
    from.left -= 1;
    // Too old: others may have begun in its time.
    if (goodUntil < now) return;
    used += 1;
    waiter.slots.push(goodUntil);
    if (waiter.slots.length < waiter.items) return;
    if (!isLong(waiter)) waiter.slots = waiter.slots.filter((until) => until >= now);
    if (waiter.slots.length < waiter.items) return;
    waiters.shift();
    waiter.settle('GO');
  }

  /** The slots of a call of so many items cannot all be good at its begin: they are kept. */
  function isLong({ items }: Waiter): boolean {
    return (items - 1) * spacingMs > lateMs / 2;
  }

  /** Asks for what is waited for, or twice what the last block was good for. */
  async function refill(): Promise<void> {
    const wanted = waiters.reduce((sum, { items, slots }) => sum + items - slots.length, 0);
    const asked = Math.max(wanted, used * 2);
    const before = drops;
    used = 0;
    try {
      const answer = await ask(asked);
      if (before !== drops) return;
      if (answer.kind === 'GRANTED') block = { startsAt: answer.startsAt, left: answer.slots };
      else if (answer.kind === 'LATER') await rest(clock.latest(answer.at) - timer.now());
      else {
        const leftMs = clock.latest(answer.until) - timer.now();
        if (leftMs > patienceMs) for (const waiter of waiters.splice(0)) waiter.settle('CLOSED');
        else await rest(leftMs);
      }
    } catch (thrown) {
      log.debug({ event: 'rate_limit_unknown', err: toError(thrown) });
      await rest(errorPauseMs);
    }
  }

  /** Ends early when somebody stops. */
  async function rest(ms: number): Promise<void> {
    nap = new AbortController();
    await timer.sleep(ms, nap.signal);
  }

  return {
    take: async (items, signal) => {
      const { promise, resolve } = Promise.withResolvers<'GO' | 'STOPPED' | 'CLOSED'>();
      if (signal.aborted) return 'STOPPED';
      waiters.push({ items, slots: [], signal, settle: resolve });
      const stop = () => {
        settleStopped();
        nap.abort();
      };
      signal.addEventListener('abort', stop);
      if (!isPumping) {
        isPumping = true;
        void pump();
      }
      const outcome = await promise;
      signal.removeEventListener('abort', stop);
      return outcome;
    },
    drop: () => {
      block = null;
      drops += 1;
    },
  };
}
