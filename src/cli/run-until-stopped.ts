import { once } from 'node:events';

export interface StopWish {
  /** Aborts at the first wish to stop. */
  signal: AbortSignal;
  /** What a second wish ends at once. */
  killWith(kill: () => void): void;
}

export interface Stoppable {
  /** Rejects when the part breaks, which ends the process too. */
  broken?: Promise<void>;
  /** Ends in order. */
  stop(): Promise<void>;
  /** After so long the process ends without waiting any more; without it `stop` takes as long as it needs. */
  stopWithinMs?: number;
  /** Ends at once. */
  kill(): void;
}

const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

/** One Ctrl-C may arrive several times: from the terminal and from every npm in between. */
const sameWishMs = 1000;

/**
 * Listens for the wish to stop: a signal, or, in a child of `longhaul up`, the end of its parent. The second wish (a second
 * Ctrl-C) ends the process with 130. Call it before anything is started, so that nothing is left behind.
 */
export function listenForStop(): StopWish {
  const stopping = new AbortController();
  let firstAt: number | undefined;
  let kill: () => void = () => undefined;
  const wish = (): void => {
    if (firstAt === undefined) {
      firstAt = Date.now();
      stopping.abort();
      return;
    }
    if (Date.now() - firstAt < sameWishMs) return;
    kill();
    process.exit(130);
  };
  for (const signal of signals) process.on(signal, wish);
  process.once('disconnect', wish);
  return { signal: stopping.signal, killWith: (by) => (kill = by) };
}

/** What is waited for at a start; null when the wish to stop came first. */
export async function unlessStopped<T>(wish: StopWish, starting: Promise<T>): Promise<T | null> {
  try {
    return await starting;
  } catch (error) {
    if (wish.signal.aborted) return null;
    throw error;
  }
}

/** Tells `longhaul up` that this child serves, waits for the wish to stop, and stops. */
export async function runUntilStopped(wish: StopWish, part: Stoppable): Promise<void> {
  wish.killWith(part.kill);
  process.send?.('ready');
  try {
    const wished = wish.signal.aborted ? Promise.resolve() : once(wish.signal, 'abort');
    await Promise.race(part.broken === undefined ? [wished] : [wished, part.broken]);
  } finally {
    const late = part.stopWithinMs === undefined ? undefined : setTimeout(giveUp, part.stopWithinMs);
    await part.stop();
    clearTimeout(late);
  }
}

/** In order as far as others are concerned: whatever is not handed back by now is found by them, as after a kill -9. */
function giveUp(): void {
  process.stderr.write('Something did not end in time; what it held is left to others.\n');
  process.exit(0);
}
