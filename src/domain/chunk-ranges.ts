/** Items `firstItem`..`lastItem`, both included. */
export interface ChunkRange {
  index: number;
  firstItem: number;
  lastItem: number;
}

/** Largest chunk that the rule below chooses: one commit of 5,000 results takes well under a second. */
const largestChosen = 5_000;

/** The bounds of `chunkSize` in the API. */
export const chunkSizeLimits = { min: 1, max: 50_000 } as const;

/**
 * How many items a chunk gets when the client did not say: the job type's own size, and more once the job would
 * have over 50 chunks: each costs about 10 ms of processor time in Temporal and its worker, whatever it holds.
 */
export function chooseChunkSize(total: number, declared: number): number {
  return Math.max(declared, Math.min(Math.ceil(total / 50), largestChosen));
}

/** Cuts items 0..total-1 into ranges of `size`; the last one may be shorter. */
export function cutChunks(total: number, size: number): ChunkRange[] {
  if (!Number.isInteger(size) || size < 1) throw new RangeError(`A chunk holds at least one item, not ${size}.`);
  return Array.from({ length: Math.ceil(total / size) }, (_, index) => ({
    index,
    firstItem: index * size,
    lastItem: Math.min((index + 1) * size, total) - 1,
  }));
}
