import type { Database } from '../database/database.ts';
import { findStoppedJobs } from '../database/sql/find-stopped-jobs.ts';
import { toError } from '../domain/errors.ts';
import type { Logger } from 'pino';

/** Tells running chunks of this worker that their job is pausing or canceling. */
export interface JobWatch {
  /** A signal that aborts when the job should stop; release it when the work is over. */
  watch(jobId: string): { signal: AbortSignal; release(): void };
  close(): void;
}

/** Well under the second within which a cancellation is honored. */
const pollMs = 250;

/** One query each 250 ms for all jobs that this worker runs; none when it runs nothing. */
export function createJobWatch({ database, log }: { database: Database; log: Logger }): JobWatch {
  const watched = new Map<string, Set<AbortController>>();
  let timer: NodeJS.Timeout | undefined;
  let polling = false;

  async function poll(): Promise<void> {
    if (polling || watched.size === 0) return;
    polling = true;
    try {
      for (const jobId of await findStoppedJobs(database.pool, [...watched.keys()])) {
        for (const controller of watched.get(jobId) ?? []) controller.abort();
      }
    } catch (thrown) {
      // The chunks meet the same outage at their commit and are run again.
      log.debug({ event: 'job_watch_failed', err: toError(thrown) });
    } finally {
      polling = false;
    }
  }

  return {
    watch: (jobId) => {
      const controller = new AbortController();
      const controllers = watched.get(jobId) ?? new Set();
      watched.set(jobId, controllers.add(controller));
      timer ??= setInterval(() => void poll(), pollMs);
      return {
        signal: controller.signal,
        release: () => {
          controllers.delete(controller);
          if (controllers.size === 0) watched.delete(jobId);
          if (watched.size > 0) return;
          clearInterval(timer);
          timer = undefined;
        },
      };
    },
    close: () => clearInterval(timer),
  };
}
