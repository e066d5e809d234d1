import type { JobState } from './job-state.ts';
import { isTerminal } from './job-state.ts';

const soonestMs = 1_000;
const latestMs = 10_000;

/**
 * Milliseconds after which asking again pays for a client that cannot subscribe; null when nothing changes by itself any
 * more. A tenth of the remaining time, so that long jobs are asked seldom and their end is still noticed soon.
 */
export function pollAfterMs(job: { state: JobState; elapsedMs: number; etaMs: number | null }): number | null {
  if (isTerminal(job.state)) return null;
  if (job.state === 'PAUSED') return latestMs;
  if (job.state !== 'RUNNING') return soonestMs;
  // Without an ETA the time so far stands for the time to come.
  const ahead = job.etaMs ?? job.elapsedMs;
  return Math.round(Math.min(Math.max(ahead / 10, soonestMs), latestMs));
}
