/** Pauses a job in which too much fails; at least one of `failures` and `percent` is given. */
export interface FailureBreaker {
  /** So many failed items pause the job. */
  failures: number | null;
  /** A greater share than this of all items that ended pauses the job: above 0, below 100. */
  percent: number | null;
  /** The share counts once so many items have ended. */
  minimumItems: number;
}

/** Items that a stage is done with, passed on or ended, and those of them that failed in it. */
export interface EndedFigures {
  ended: number;
  failed: number;
}

export type FiguresByStage = Readonly<Record<string, EndedFigures>>;

/** `stage` is that of too great a share; null when there are too many failures over all stages. */
export interface Trip extends EndedFigures {
  stage: string | null;
}

/** What has happened since `baseline`: a job that is resumed is not held for what paused it. */
export function endedSince(now: FiguresByStage, baseline: FiguresByStage): FiguresByStage {
  return Object.fromEntries(
    Object.entries(now).map(([stage, { ended, failed }]) => {
      const before = baseline[stage] ?? { ended: 0, failed: 0 };
      return [stage, { ended: Math.max(ended - before.ended, 0), failed: Math.max(failed - before.failed, 0) }];
    }),
  );
}

/**
 * What trips the breaker; null when nothing does. A share is that of one stage: over several, items that only passed on would
 * not count beside those that failed.
 */
export function findTrip(breaker: FailureBreaker, stages: FiguresByStage): Trip | null {
  const all = Object.entries(stages);
  const failed = all.reduce((sum, [, figures]) => sum + figures.failed, 0);
  const ended = Math.max(0, ...all.map(([, figures]) => figures.ended));
  if (breaker.failures !== null && failed >= breaker.failures) return { stage: null, ended, failed };
  const tripped = all.find(([, figures]) => isShareExceeded(breaker, figures));
  return tripped ? { stage: tripped[0], ...tripped[1] } : null;
}

function isShareExceeded({ percent, minimumItems }: FailureBreaker, { ended, failed }: EndedFigures): boolean {
  return percent !== null && ended >= minimumItems && failed * 100 > percent * ended;
}
