import type { Logger } from 'pino';
import type { Database } from '../database/database.ts';
import { closeBucket } from '../database/sql/close-bucket.ts';
import { lockBucket, type BucketId } from '../database/sql/lock-bucket.ts';
import { readClock } from '../database/sql/read-clock.ts';
import { storeBucket } from '../database/sql/store-bucket.ts';
import { takeSlots, type SlotAnswer } from '../domain/bucket.ts';
import { createDatabaseClock, type DatabaseClock } from './database-clock.ts';
import { createSlotQueue, type SlotQueue } from './slot-queue.ts';

export interface RateLimit extends BucketId {
  jobId: string;
  itemsPerSecond: number;
}

/** What a chunk holds of a limit. */
export interface RateShare {
  /**
   * Settles when `items` may begin: GO. STOPPED when the signal was aborted; CLOSED when the provider asked to wait for longer
   * than a chunk should hold its worker up, which is not asked again at once.
   */
  take(items: number, signal: AbortSignal): Promise<'GO' | 'STOPPED' | 'CLOSED'>;
  /** The provider asked to wait: nothing begins any more, in any job and on any worker, until that is over. */
  close(asked: { forMs: number; reason: string; jobTypes: readonly string[] }): Promise<void>;
  release(): void;
}

/** The limits of one worker: chunks of the same job share what it takes, so that few queries serve many items. */
export interface RateLimiter {
  open(limit: RateLimit): RateShare;
}

/** A longest wait that a provider may ask for: what is longer is a mistake of its. */
const longestCloseMs = 24 * 3_600_000;

export function createRateLimiter({ database, log }: { database: Database; log: Logger }): RateLimiter {
  const clock = createDatabaseClock();
  const queues = new Map<string, { queue: SlotQueue; bucket: string; shares: number }>();

  const open = (limit: RateLimit): RateShare => {
    const bucket = `${limit.projectId} ${limit.name}`;
    const key = `${bucket} ${limit.jobId} ${limit.itemsPerSecond}`;
    const held = queues.get(key) ?? {
      bucket,
      shares: 0,
      queue: createSlotQueue({
        log,
        clock,
        itemsPerSecond: limit.itemsPerSecond,
        ask: (slots) => askForSlots(database, clock, limit, slots),
      }),
    };
    queues.set(key, held);
    held.shares += 1;
    return {
      take: (items, signal) => held.queue.take(items, signal),
      close: async ({ forMs, ...told }) => {
        for (const each of queues.values()) if (each.bucket === bucket) each.queue.drop();
        log.info({ event: 'provider_closed', bucket: limit.name, job_id: limit.jobId, for_ms: forMs });
        await closeBucket(database.pool, limit, { ...told, forMs: Math.min(forMs, longestCloseMs) });
      },
      release: () => {
        held.shares -= 1;
        if (held.shares === 0) queues.delete(key);
      },
    };
  };
  return { open };
}

/** Asks the bucket. The database's clock is read under the lock, so that waiting for that makes no slot old. */
async function askForSlots(
  database: Database,
  clock: DatabaseClock,
  limit: RateLimit,
  slots: number,
): Promise<SlotAnswer> {
  return await database.transaction(async (client) => {
    const bucket = await lockBucket(client, limit);
    const notBefore = performance.now();
    const now = await readClock(client);
    clock.note({ now, notBefore, notAfter: performance.now() });
    const { jobId, itemsPerSecond } = limit;
    const taken = takeSlots(bucket, { jobId, itemsPerSecond, slots, now });
    if (taken.answer.kind !== 'CLOSED') await storeBucket(client, limit, taken.bucket);
    return taken.answer;
  });
}
