import { setTimeout as delay } from 'node:timers/promises';
import type { Logger } from 'pino';
import { toError } from '../domain/errors.ts';
import { isOutage } from './is-outage.ts';

const pauseMs = 1_000;

/** The answer of `ask`, as soon as Postgres is there to give one. @throws the reason of `signal` when that aborts first */
export async function whenDatabaseAnswers<T>(
  ask: () => Promise<T>,
  { log, signal }: { log: Logger; signal: AbortSignal },
): Promise<T> {
  for (;;) {
    try {
      return await ask();
    } catch (thrown) {
      const error = toError(thrown);
      if (!isOutage(error)) throw error;
      log.warn({ event: 'postgres_unreachable', err: error.message });
      await delay(pauseMs, undefined, { signal });
    }
  }
}
