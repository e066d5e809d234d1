import { setTimeout as delay } from 'node:timers/promises';
import type { LockedChunk } from '../database/sql/lock-chunk.ts';
import type { ItemFailure } from '../job-types/define-job-type.ts';
import { findProvider, providerBucket, typesWithProviders } from '../job-types/find-provider.ts';
import type { RateLimiter, RateShare } from '../limits/rate-limiter.ts';
import { patienceMs } from '../limits/slot-queue.ts';

/** What holds the items of one chunk back: the job's own rate, and the provider that its stage calls. */
export interface ChunkLimits {
  /** Aborted when nothing of the chunk is to begin any more, now or until its provider opens again. */
  signal: AbortSignal;
  /** Items that may begin together: they wait for each other's slots, and would otherwise be a burst. */
  mostAtOnce: number;
  /** Waits until so many items may begin; false once the signal is aborted. */
  admit(items: number): Promise<boolean>;
  /** Closes the provider when one of its failures asked to wait. */
  noteFailures(failures: ItemFailure[]): Promise<void>;
  release(): void;
}

/** One by one up to a hundred a second; above, as many as that lasts. Who calls a provider decides itself how many items a call has. */
const burstSeconds = 0.01;

interface ChunkLimitsInput {
  rateLimiter: RateLimiter;
  jobId: string;
  claimed: LockedChunk;
  stage: { name: string };
  /** The chunk can be left in the middle without losing what is done. */
  mayHandBack: boolean;
  signal: AbortSignal;
}

/** The limits of one attempt at a chunk, open until they are closed. */
export function openChunkLimits(input: ChunkLimitsInput): ChunkLimits {
  const { rateLimiter, jobId, claimed, stage, mayHandBack } = input;
  const { projectId, itemsPerSecond } = claimed;
  const halt = new AbortController();
  const signal = AbortSignal.any([input.signal, halt.signal]);
  const provider = findProvider({ type: claimed.jobType, options: claimed.options }, stage.name);
  const providerShare = provider && rateLimiter.open({ ...provider, projectId, name: providerBucket(provider), jobId });
  const jobShare =
    itemsPerSecond === null ? null : rateLimiter.open({ projectId, name: `job:${jobId}`, jobId, itemsPerSecond });

  // The provider last: between its slot and the call nothing is waited for.
  const shares = [jobShare, providerShare].filter((share) => share !== null);

  /** A provider that is closed for long does not hold a worker up: the chunk is handed back where that loses nothing. */
  async function takeFrom(share: RateShare, items: number): Promise<boolean> {
    for (;;) {
      const outcome = await share.take(items, signal);
      if (outcome === 'GO') return true;
      if (outcome === 'CLOSED' && mayHandBack) halt.abort();
      if (signal.aborted) return false;
      await delay(patienceMs, undefined, { signal }).catch(() => undefined);
    }
  }

  return {
    signal,
    mostAtOnce: provider || itemsPerSecond === null ? Infinity : Math.max(1, Math.floor(itemsPerSecond * burstSeconds)),
    admit: async (items) => {
      if (items === 0) return true;
      for (const share of shares) if (!(await takeFrom(share, items))) return false;
      return true;
    },
    noteFailures: async (failures) => {
      const forMs = Math.max(0, ...failures.map(({ retryAfterMs }) => retryAfterMs ?? 0));
      if (!providerShare || forMs === 0) return;
      const reason = failures.find(({ retryAfterMs }) => retryAfterMs === forMs)?.message ?? '';
      await providerShare.close({ forMs, reason, jobTypes: typesWithProviders() });
      if (mayHandBack && forMs > patienceMs) halt.abort();
    },
    release: () => {
      for (const share of shares) share.release();
    },
  };
}
