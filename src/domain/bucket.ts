/**
 * A rate that all workers of a project share: one slot for each item. A worker takes a block of slots at a time, uses each when its
 * time has come, and drops those that are too old: so in no second, wherever it begins and whatever dies, more than `itemsPerSecond`
 * items begin (`slotTimes`). Times are milliseconds of the database's clock.
 */
export interface Bucket {
  /** The first slot that nobody has. */
  nextAt: number;
  /** Its provider asked to wait until then. */
  closedUntil: number | null;
  /** Jobs that have asked of late, by id. */
  lanes: Readonly<Record<string, BucketLane>>;
}

export interface BucketLane {
  /** Slots that the job got, on the scale of those that wait beside it. */
  served: number;
  askedAt: number;
  /** It wanted more than it got. */
  isHungry: boolean;
}

export interface SlotRequest {
  jobId: string;
  /** Most slots that are wanted, at least 1. */
  slots: number;
  itemsPerSecond: number;
  now: number;
}

/** GRANTED: slots from `startsAt` on. LATER: ask again then. CLOSED: the provider asked to wait until then. */
export type SlotAnswer =
  | { kind: 'GRANTED'; startsAt: number; slots: number }
  | { kind: 'LATER'; at: number }
  | { kind: 'CLOSED'; until: number };

export interface SlotTimes {
  /** From one slot to the next. */
  spacingMs: number;
  /** A slot may be used for so long after its time. */
  lateMs: number;
}

/** What may begin late in a second is taken off the rate. */
const lateShare = 0.025;

/**
 * Slots are so far apart that those of a second and of the lateness before it are no more than the rate: whichever of them are
 * late, none of the second's sum is. Of a rate below one a second the same holds for the time in which it allows one.
 */
export function slotTimes(itemsPerSecond: number): SlotTimes {
  return {
    spacingMs: (1_000 * (1 + lateShare)) / itemsPerSecond,
    lateMs: 1_000 * lateShare * Math.max(1, 1 / itemsPerSecond),
  };
}

/** Slots that are handed out at a time: what a provider that closes may still get of them is so little. */
export const blockMs = 100;
/** Slots are handed out so long before their time, which hides the way to the database. */
const aheadMs = 50;
/** A job that has not asked for so long waits no more, or its worker has died. */
const forgottenMs = 1_000;

/** The rates that a limit may have, in items a second. */
export const rateLimits = { min: 0.01, max: 100_000 } as const;

/**
 * Takes slots for a job. Of several that want more than there is, the one that got least comes first; a job that is alone
 * gets everything.
 */
export function takeSlots(bucket: Bucket, request: SlotRequest): { bucket: Bucket; answer: SlotAnswer } {
  const { jobId, itemsPerSecond, now } = request;
  if (bucket.closedUntil !== null && bucket.closedUntil > now) {
    return { bucket, answer: { kind: 'CLOSED', until: bucket.closedUntil } };
  }
  const { spacingMs, lateMs } = slotTimes(itemsPerSecond);
  const most = Math.max(1, Math.floor((itemsPerSecond * blockMs) / 1_000));
  // Nothing is handed out behind this; a clock that was set back must not close the bucket.
  const furthest = now + aheadMs + most * spacingMs;
  // Who did not come in time for slots still gets the last of them.
  const startsAt = Math.max(Math.min(bucket.nextAt, furthest), now - lateMs / 2, bucket.closedUntil ?? -Infinity);

  const lanes = Object.fromEntries(
    Object.entries(bucket.lanes).filter(([, lane]) => Math.abs(now - lane.askedAt) < forgottenMs),
  );
  const others = Object.entries(lanes).flatMap(([id, lane]) => (id !== jobId && lane.isHungry ? [lane.served] : []));
  const least = others.length > 0 ? Math.min(...others) : null;
  // Who comes back is owed nothing for the time in which it did not ask.
  const own = lanes[jobId];
  const served = own?.isHungry ? own.served : Math.max(own?.served ?? 0, least ?? 0);
  const keep = (lane: BucketLane, nextAt: number) => ({ ...bucket, nextAt, lanes: { ...lanes, [jobId]: lane } });

  const isAhead = least !== null && served - least >= most;
  if (isAhead || startsAt > now + aheadMs) {
    const at = isAhead ? now + blockMs / 2 : startsAt - aheadMs;
    return { bucket: keep({ served, askedAt: now, isHungry: true }, startsAt), answer: { kind: 'LATER', at } };
  }
  const slots = Math.min(request.slots, most);
  const lane = { served: served + slots, askedAt: now, isHungry: request.slots > slots };
  return { bucket: keep(lane, startsAt + slots * spacingMs), answer: { kind: 'GRANTED', startsAt, slots } };
}

/** Chunks of a limited job that run at a time: enough for the rate where an item takes under half a second, and no more, as they wait. */
export function limitedWindow(window: number, itemsPerSecond: number | null): number {
  return itemsPerSecond === null ? window : Math.max(1, Math.min(window, Math.ceil(itemsPerSecond / 10)));
}
