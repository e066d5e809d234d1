/** What a job asks for, and in how many lanes it runs. */
export interface Load {
  items: number;
  chunkSize: number;
  /** Chunks of the job in flight: its window, or the room of all workers together where that is less. */
  lanes: number;
  /** Milliseconds that a chunk waits for something outside, as for a provider, while no processor is busy with it. */
  waitMs: number;
}

/** What an installation does at most, measured on it. */
export interface Capacity {
  /** Milliseconds of a job of no items. */
  emptyJobMs: number;
  /** Rows that the ingest reads, checks and copies. */
  ingestItemsPerSecond: number;
  /** Items that workers and Postgres take through chunks when nothing waits. */
  itemsPerSecond: number;
  /** Chunks of next to no items that are run from beginning to end. */
  chunksPerSecond: number;
}

/**
 * Milliseconds from submit to COMPLETED of a job with one item stage: an empty job, its ingest, what each chunk and each item
 * costs, and the time in which all lanes wait. On one machine these add up, as they share its processors.
 */
export function predictMs({ items, chunkSize, lanes, waitMs }: Load, capacity: Capacity): number {
  const chunks = Math.ceil(items / chunkSize);
  const seconds =
    items / capacity.ingestItemsPerSecond + items / capacity.itemsPerSecond + chunks / capacity.chunksPerSecond;
  return capacity.emptyJobMs + seconds * 1_000 + Math.ceil(chunks / lanes) * waitMs;
}
