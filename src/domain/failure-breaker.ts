/** Pauses a job in which too much fails; at least one of `failures` and `percent` is given. */
export interface FailureBreaker {
  /** So many failed items pause the job. */
  failures: number | null;
  /** A greater share than this of all items that ended pauses the job: above 0, below 100. */
  percent: number | null;
  /** The share counts once so many items have ended. */
  minimumItems: number;
}

/** Items that ended so far, however they did, and those of them that failed. */
export interface EndedFigures {
  ended: number;
  failed: number;
}

/** What has happened since `baseline`: a job that is resumed is not held for what paused it. */
export function endedSince(now: EndedFigures, baseline: EndedFigures): EndedFigures {
  return { ended: Math.max(now.ended - baseline.ended, 0), failed: Math.max(now.failed - baseline.failed, 0) };
}

export function isTripped(breaker: FailureBreaker, { ended, failed }: EndedFigures): boolean {
  if (breaker.failures !== null && failed >= breaker.failures) return true;
  if (breaker.percent === null || ended < breaker.minimumItems) return false;
  return failed * 100 > breaker.percent * ended;
}
