export const itemStates = ['PENDING', 'RUNNING', 'SUCCEEDED', 'FAILED', 'SKIPPED', 'CANCELED'] as const;
export type ItemState = (typeof itemStates)[number];

/** States that an item ends in; each has a row in `item_results`, but for CANCELED, which is the absence of one in a canceled job. */
export const finalItemStates = ['SUCCEEDED', 'FAILED', 'SKIPPED'] as const;
export type FinalItemState = (typeof finalItemStates)[number];

/** How many items of a job are in each state. Their sum is `total` at every read. */
export interface ItemCounts {
  total: number;
  pending: number;
  running: number;
  succeeded: number;
  failed: number;
  skipped: number;
  canceled: number;
}

export type CountedState = Exclude<keyof ItemCounts, 'total'>;

export const noItems: ItemCounts = {
  total: 0,
  pending: 0,
  running: 0,
  succeeded: 0,
  failed: 0,
  skipped: 0,
  canceled: 0,
};

/** The counts alone, of a job or whatever else has them. */
export function toItemCounts({
  total,
  pending,
  running,
  succeeded,
  failed,
  skipped,
  canceled,
}: ItemCounts): ItemCounts {
  return { total, pending, running, succeeded, failed, skipped, canceled };
}

/** Moves `n` items from one state to another. @throws RangeError when there are fewer than `n` of them. */
export function moveItems(counts: ItemCounts, from: CountedState, to: CountedState, n: number): ItemCounts {
  if (!Number.isInteger(n) || n < 0) throw new RangeError(`Cannot move ${n} items.`);
  if (counts[from] < n) throw new RangeError(`Cannot move ${n} items from ${from}: there are ${counts[from]}.`);
  if (from === to) return { ...counts };
  return { ...counts, [from]: counts[from] - n, [to]: counts[to] + n };
}

/** True when no item is lost or counted twice. */
export function isConserved({ total, pending, running, succeeded, failed, skipped, canceled }: ItemCounts): boolean {
  const parts = [pending, running, succeeded, failed, skipped, canceled];
  return parts.every((n) => n >= 0) && parts.reduce((sum, n) => sum + n, 0) === total;
}

/** Items that have reached their end. */
export function finishedItems(counts: ItemCounts): number {
  return counts.succeeded + counts.failed + counts.skipped + counts.canceled;
}
