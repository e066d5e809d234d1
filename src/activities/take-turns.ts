import { setImmediate as nextTurn } from 'node:timers/promises';

/** Milliseconds that one chunk may hold the worker's only thread; the answers to all others wait meanwhile. */
const longestTurnMs = 2;

/** Whoever had the thread for long stands in line behind this. One goes on in each turn of the event loop, so the line delays nobody else. */
let line: Promise<void> = Promise.resolve();

/** Makes the function that lets others go on when its caller has held the thread for long: to be called between small pieces of work. */
export function createTurns(): () => Promise<void> {
  let since = performance.now();
  return async () => {
    if (performance.now() - since < longestTurnMs) return;
    line = line.then(() => nextTurn());
    await line;
    since = performance.now();
  };
}
