import { ConflictError, InvalidInputError, LimitExceededError, NotFoundError } from './errors.ts';

/** Which failed items a redrive runs again. */
export const redriveKinds = ['ALL_FAILURES', 'FINGERPRINT', 'ITEMS', 'CHUNKS'] as const;

/** Names a chunk within its job. */
export interface ChunkPlace {
  /** Position of the stage. */
  stage: number;
  generation: number;
  index: number;
}

/** What a client asks to run again. `chunks: null` means all chunks that failed and were not retried yet. */
export type RedriveRequest =
  | { kind: 'ALL_FAILURES' }
  | { kind: 'FINGERPRINT'; fingerprint: string }
  | { kind: 'ITEMS'; indexes: readonly number[] }
  | { kind: 'CHUNKS'; chunks: readonly ChunkPlace[] | null };

/**
 * A request as it is kept with its generation. It names the same items for ever: only results of earlier generations count,
 * and none of these is written any more. Retried chunks are marked themselves.
 */
export type RedriveSelection =
  | { kind: 'ALL_FAILURES' }
  | { kind: 'FINGERPRINT'; fingerprint: string }
  | { kind: 'ITEMS'; indexes: number[] }
  | { kind: 'CHUNKS' };

/** Items that one request may choose one by one. */
export const maxChosenItems = 1_000;
/** Chunks that one request may name. */
export const maxChosenChunks = 1_000;
/** How often a chunk may be retried by itself; its items can still be chosen otherwise. */
export const maxChunkRetries = 3;

/** @throws InvalidInputError, LimitExceededError */
export function assertRequest(request: RedriveRequest): void {
  if (request.kind === 'ITEMS') assertLength('items', request.indexes.length, maxChosenItems);
  if (request.kind === 'CHUNKS' && request.chunks) assertLength('chunks', request.chunks.length, maxChosenChunks);
}

function assertLength(what: string, length: number, limit: number): void {
  if (length === 0) throw new InvalidInputError(`Name at least one of the ${what}, or leave the selection out.`);
  if (length > limit)
    throw new LimitExceededError(`A retry names at most ${limit} ${what}, not ${length}.`, { limit, remaining: 0 });
}

/** The chosen items, each once and in order. @throws InvalidInputError for each that is not FAILED */
export function chooseItems(indexes: readonly number[], failed: ReadonlySet<number>): number[] {
  const issues = indexes.flatMap((index, position) => {
    if (failed.has(index)) return [];
    const message = `Item ${index} is not FAILED: only failed items can run again.`;
    return [{ path: ['selection', String(position)], message, row: index + 1, field: null }];
  });
  if (issues.length > 0) {
    throw new InvalidInputError(`${issues.length} of the chosen items are not FAILED.`, issues.slice(0, 100));
  }
  return [...new Set(indexes)].sort((a, b) => a - b);
}

/** A chunk as far as retrying it goes. */
export interface ChunkToRetry extends ChunkPlace {
  state: string;
  /** How often its items were retried as a chunk before they came into this one. */
  retries: number;
  /** Items that failed in it and have not run again since. */
  failedItems: number;
}

/**
 * The chunks that a request means, out of those that were found.
 * @throws NotFoundError, ConflictError (not FAILED, or its items have run again), LimitExceededError (after 3 retries)
 */
export function chooseChunks(asked: readonly ChunkPlace[] | null, found: readonly ChunkToRetry[]): ChunkToRetry[] {
  if (asked === null) return chooseFailedChunks(found);
  const byName = new Map(found.map((chunk) => [nameOf(chunk), chunk]));
  const chosen = new Map(asked.map((place) => [nameOf(place), byName.get(nameOf(place))]));
  return [...chosen].map(([name, chunk]) => {
    if (!chunk) throw new NotFoundError(`There is no chunk ${name} in the job.`);
    if (chunk.state !== 'FAILED') {
      throw new ConflictError(`Chunk ${name} is ${chunk.state}: only failed chunks can be retried.`, {
        state: chunk.state,
      });
    }
    if (chunk.failedItems === 0) {
      throw new ConflictError(`The items of chunk ${name} have run again since; they are in a later generation.`, {
        state: chunk.state,
      });
    }
    assertRetriesLeft(chunk);
    return chunk;
  });
}

function chooseFailedChunks(found: readonly ChunkToRetry[]): ChunkToRetry[] {
  const open = found.filter(({ state, failedItems }) => state === 'FAILED' && failedItems > 0);
  const chosen = open.filter(({ retries }) => retries < maxChunkRetries);
  const [exhausted] = open;
  if (chosen.length > 0) return chosen;
  if (exhausted) assertRetriesLeft(exhausted);
  throw new ConflictError('No chunk of the job failed: retry its failed items instead.');
}

function assertRetriesLeft(chunk: ChunkToRetry): void {
  if (chunk.retries < maxChunkRetries) return;
  throw new LimitExceededError(
    `Chunk ${nameOf(chunk)} was retried ${chunk.retries} times, the most there is. Its items can still run again by retryJob.`,
    { limit: maxChunkRetries, remaining: 0 },
  );
}

/** "stage/generation/index", as in the chunk's id. */
function nameOf({ stage, generation, index }: ChunkPlace): string {
  return [stage, generation, index].join('/');
}
