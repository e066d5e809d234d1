/** Items `firstItem`..`lastItem`, both included. */
export interface ChunkRange {
  index: number;
  firstItem: number;
  lastItem: number;
}

/** The bounds of `chunkSize` in the API. */
export const chunkSizeLimits = { min: 1, max: 50_000 } as const;

/** A chunk should take 1 to 5 s: long enough that starting it costs next to nothing, short enough that lanes end together. */
const aimedMs = 2_000;
const longestMs = 5_000;
/** Lanes of two workers stay busy until near the end with so many chunks; those of one end together. */
const fewestChunks = 20;
/** Largest chunk that the rule below makes of a smaller one: the worker holds it in memory, and commits it at once. */
const largestChosen = 10_000;

export interface ChunkSizeFacts {
  /** Items to be cut. */
  total: number;
  /** Milliseconds that an item takes, as a share of its chunk. */
  itemMs: number;
  /** Items a chunk of the job type holds by its own word. */
  declared: number;
  /** Items below which a chunk would not be done sooner, at most `declared`. */
  least: number;
}

/**
 * How many items a chunk gets when the client did not say: what the job type declares; more in a job that would have over 20
 * chunks (each costs about 10 ms of processor time in Temporal and its worker), until they take 2 s; fewer when they would take
 * over 5 s. So a small job shows steady progress, and a large one does not drown in chunks.
 */
export function chooseChunkSize({ total, itemMs, declared, least }: ChunkSizeFacts): number {
  const grown = Math.max(
    declared,
    Math.min(Math.ceil(total / fewestChunks), Math.floor(aimedMs / itemMs), largestChosen),
  );
  return Math.max(1, Math.min(grown, Math.max(Math.floor(longestMs / itemMs), least)));
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
