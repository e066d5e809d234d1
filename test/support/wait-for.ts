import { setTimeout as delay } from 'node:timers/promises';

interface WaitOptions {
  timeoutMs?: number;
  everyMs?: number;
  /** What is waited for, in words: the error names it. */
  description?: string;
}

/**
 * Asks `probe` until it answers something other than null, undefined or false, and answers that. An error that it
 * throws ends the waiting: a probe that may fail for a while catches that itself.
 * @throws Error after `timeoutMs` (30 s) that names the description.
 */
export async function waitFor<T>(
  probe: () => T | Promise<T>,
  { timeoutMs = 30_000, everyMs = 25, description = 'a condition' }: WaitOptions = {},
): Promise<Exclude<T, null | undefined | false>> {
  const deadline = Date.now() + timeoutMs;
  for (;;) {
    const answer = await probe();
    if (isThere(answer)) return answer;
    if (Date.now() > deadline) throw new Error(`Waited ${timeoutMs} ms in vain for ${description}.`);
    await delay(everyMs);
  }
}

function isThere<T>(answer: T): answer is Exclude<T, null | undefined | false> {
  return answer !== null && answer !== undefined && answer !== false;
}
