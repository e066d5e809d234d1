import { setTimeout as delay } from 'node:timers/promises';
import type { Logger } from 'pino';
import { latenessMs, type SlotAnswer } from '../domain/bucket.ts';
import { toError } from '../domain/errors.ts';

/** Those of one job on one worker that wait for slots, in the order in which they came. */
export interface SlotQueue {
  take(items: number, signal: AbortSignal): Promise<'GO' | 'STOPPED' | 'CLOSED'>;
  /** Throws away the slots that are at hand. */
  drop(): void;
}

interface Waiter {
  /** Slots that are still wanted. */
  wanted: number;
  signal: AbortSignal;
  settle(outcome: 'GO' | 'STOPPED' | 'CLOSED'): void;
}

/** What a bucket answered when the database's clock was `now`; this process's own stood between the other two. */
export interface TimedAnswer {
  answer: SlotAnswer;
  now: number;
  notBefore: number;
  notAfter: number;
}

/** A block of slots on this process's own clock, in milliseconds. */
interface Block {
  /** The next slot, at the latest that it can be meant. */
  startsAt: number;
  /** How much later it may be used. */
  lateMs: number;
  left: number;
}

/** A chunk waits no longer than this for a provider that is closed. */
export const patienceMs = 2_000;
/** After an error, as in an outage of the database. */
const errorPauseMs = 1_000;

export function createSlotQueue({
  ask,
  log,
  itemsPerSecond,
}: {
  /** Takes slots of the bucket. */
  ask: (slots: number) => Promise<TimedAnswer>;
  log: Logger;
  itemsPerSecond: number;
}): SlotQueue {
  const spacingMs = 1_000 / itemsPerSecond;
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
      const now = performance.now();
      if (block?.left === 0) block = null;
      if (!block) await refill();
      else if (block.startsAt > now) await rest(block.startsAt - now);
      else useSlot(block, first, now);
    }
  }

  function useSlot(from: Block, waiter: Waiter, now: number): void {
    from.startsAt += spacingMs;
    from.left -= 1;
    // Too old: others may have begun in its time.
    if (from.startsAt - spacingMs < now - from.lateMs) return;
    used += 1;
    waiter.wanted -= 1;
    if (waiter.wanted > 0) return;
    waiters.shift();
    waiter.settle('GO');
  }

  /** Asks for what is waited for, or twice what the last block was good for. */
  async function refill(): Promise<void> {
    const wanted = waiters.reduce((sum, waiter) => sum + waiter.wanted, 0);
    const asked = Math.max(wanted, used * 2);
    const before = drops;
    used = 0;
    try {
      const { answer, now, notBefore, notAfter } = await ask(asked);
      if (before !== drops) return;
      if (answer.kind === 'GRANTED') {
        const startsAt = notAfter + answer.startsAt - now;
        block = { startsAt, lateMs: latenessMs(itemsPerSecond) - (notAfter - notBefore), left: answer.slots };
      } else if (answer.kind === 'LATER') await rest(answer.at - now);
      else if (answer.until - now > patienceMs) for (const waiter of waiters.splice(0)) waiter.settle('CLOSED');
      else await rest(answer.until - now);
    } catch (thrown) {
      log.debug({ event: 'rate_limit_unknown', err: toError(thrown) });
      await rest(errorPauseMs);
    }
  }

  /** Ends early when somebody stops. */
  async function rest(ms: number): Promise<void> {
    nap = new AbortController();
    await delay(Math.max(ms, 1), undefined, { signal: nap.signal }).catch(() => undefined);
  }

  return {
    take: async (items, signal) => {
      const { promise, resolve } = Promise.withResolvers<'GO' | 'STOPPED' | 'CLOSED'>();
      if (signal.aborted) return 'STOPPED';
      waiters.push({ wanted: items, signal, settle: resolve });
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
