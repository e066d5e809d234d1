/** Bounds of `LONGHAUL_JOB_WINDOW`: a coordinator starts at most nine partitions a lane, each nine events of its history. */
export const windowLimits = { min: 1, max: 100 } as const;

/** How much of a job is planned at a time. Every run of a workflow keeps under 10,000 events of history by it. */
export interface PlanLimits {
  /** Chunks of one job that run at a time. */
  window: number;
  /** Up to so many open chunks of a stage the coordinator runs itself; above, partitions do. */
  directChunks: number;
  /** Chunks that one run of a partition runs before it continues as new. */
  batchChunks: number;
}

/** A chunk costs its workflow at most six events: scheduled, started, completed, of the activity and of the workflow task after it. */
export const defaultPlanLimits: PlanLimits = { window: 16, directChunks: 1_500, batchChunks: 1_000 };

/** Partitions take this part of a lane's share of what is left, so that lanes that were slow get fewer. */
const shareOfRest = 2;
/** The last partitions are this part of a lane's share of the whole: no lane waits longer than that for the others. */
const finest = 64;

/**
 * Cuts `chunks` open chunks into partitions that `lanes` lanes take one after the other: large ones first, small ones last,
 * so that all lanes end at about the same time (guided self-scheduling). Returns sizes, at most nine for each lane.
 */
export function sizePartitions(chunks: number, lanes: number): number[] {
  const least = Math.max(1, Math.ceil(chunks / (lanes * finest)));
  const sizes: number[] = [];
  let rest = chunks;
  while (rest > 0) {
    const size = Math.min(rest, Math.max(least, Math.ceil(rest / (lanes * shareOfRest))));
    sizes.push(size);
    rest -= size;
  }
  return sizes;
}
