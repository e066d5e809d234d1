import { setImmediate as nextTurn } from 'node:timers/promises';

/** Milliseconds that one chunk may hold the worker's only thread; the answers to all others wait meanwhile. */
const longestTurnMs = 2;

/** Makes the function that lets others go on when its caller has held the thread for long: to be called between small pieces of work. */
export function createTurns(): () => Promise<void> {
  let since = performance.now();
  return async () => {
    if (performance.now() - since < longestTurnMs) return;
    await nextTurn();
    since = performance.now();
  };
}
