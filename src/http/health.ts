import type { ServerResponse } from 'node:http';
import type { Database } from '../database/database.ts';
import { findPendingMigrations } from '../database/migrations.ts';
import { toError } from '../domain/errors.ts';
import { answerJson } from '../answer.ts';

/** A check that takes longer counts as failed. */
const patienceMs = 2_000;

export interface Health {
  /** The process answers. */
  answerAlive(response: ServerResponse): void;
  /** Requests can be served: 200, or 503 with what is missing. Temporal is told of, but jobs are accepted without it. */
  answerReady(response: ServerResponse): Promise<void>;
}

/** Checks of a process; of Temporal it says `unknown` when it is not told how to ask. */
export function createHealth(deps: {
  database: Database;
  isTemporalReachable?: (() => Promise<boolean>) | undefined;
}): Health {
  const { database, isTemporalReachable } = deps;
  let migrated = false;

  async function checkPostgres(): Promise<'up' | 'down'> {
    await database.pool.query('select 1');
    return 'up';
  }

  async function checkSchema(): Promise<'migrated' | 'outdated'> {
    // Asked until the answer is yes: a schema does not go back.
    migrated ||= (await findPendingMigrations(database)).length === 0;
    return migrated ? 'migrated' : 'outdated';
  }

  async function checkTemporal(): Promise<'up' | 'down' | 'unknown'> {
    if (!isTemporalReachable) return 'unknown';
    return (await isTemporalReachable()) ? 'up' : 'down';
  }

  return {
    answerAlive: (response) => answerJson(response, 200, { status: 'alive' }),
    async answerReady(response) {
      const [postgres, temporal] = await Promise.all([
        within(checkPostgres(), 'down'),
        within(checkTemporal(), 'down'),
      ]);
      const schema = postgres === 'up' ? await within(checkSchema(), 'unknown') : 'unknown';
      const ready = postgres === 'up' && schema === 'migrated';
      answerJson(response, ready ? 200 : 503, { status: ready ? 'ready' : 'not ready', postgres, schema, temporal });
    },
  };
}

/** The answer of a check, or `otherwise` when it fails or takes too long. */
async function within<T>(check: Promise<T>, otherwise: T): Promise<T>;
async function within<T, U>(check: Promise<T>, otherwise: U): Promise<T | U>;
async function within<T, U>(check: Promise<T>, otherwise: U): Promise<T | U> {
  const timeout = Promise.withResolvers<U>();
  const timer = setTimeout(() => timeout.resolve(otherwise), patienceMs);
  try {
    return await Promise.race([check.catch((thrown: unknown) => (toError(thrown), otherwise)), timeout.promise]);
  } finally {
    clearTimeout(timer);
  }
}
