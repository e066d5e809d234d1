import type { Pool, PoolClient } from 'pg';
import { accumulate } from '../aggregates/accumulate.ts';
import { commitChunk, type ChunkCommit, type ItemResultRow } from '../database/sql/commit-chunk.ts';
import { tripBreaker } from '../jobs/guard-rails/trip-breaker.ts';
import type { ChunkRun } from './chunk-run.ts';
import { endItems, joinEnded, type Ended } from './end-items.ts';
import type { EndedItem } from './run-items.ts';
import { SupersededError } from './superseded-error.ts';

/** What waits for a commit: as rows, and the items themselves where they may have files. */
export interface Gathered {
  ended: Ended;
  items: EndedItem<unknown>[];
}

/** Items as a commit takes them. */
export function gather(run: ChunkRun, items: EndedItem<unknown>[]): Gathered {
  return { ended: endItems(items, run.isLast), items: run.files ? items : [] };
}

/** Adds `more` to what was gathered before, which must not be used any more. */
export function join(gathered: Gathered, more: Gathered): Gathered {
  return { ended: joinEnded(gathered.ended, more.ended), items: [...gathered.items, ...more.items] };
}

/** Commits what was gathered, and does what follows from it. @throws SupersededError when another attempt holds the chunk by now */
export async function commitItems(run: ChunkRun, next: ChunkCommit['next'], gathered: Gathered): Promise<void> {
  const { database, files } = run;
  // One statement is a transaction of itself; files and what is passed on are others.
  const results = files
    ? await database.transaction((client) => commitWithin(run, client, next, gathered))
    : await commit(run, database.pool, next, gathered.ended);
  await afterCommit(run, results);
}

/** The same within a transaction of the caller, who calls `afterCommit` with what it answers once that is committed. */
export async function commitWithin(
  run: ChunkRun,
  client: PoolClient,
  next: ChunkCommit['next'],
  { ended, items }: Gathered,
): Promise<ItemResultRow[]> {
  const results = await commit(run, client, next, ended);
  await run.files?.settle(client, items, indexesOf(results));
  return results;
}

function indexesOf(results: readonly ItemResultRow[]): number[] {
  return results.map(({ index }) => index);
}

/** Stores what has ended, and says which of it are results. */
async function commit(
  run: ChunkRun,
  client: Pool | PoolClient,
  next: ChunkCommit['next'],
  { results, passed, succeeded }: Ended,
): Promise<ItemResultRow[]> {
  const { chunk, claimed, metrics } = run;
  const parts = accumulate(run.aggregatePlan, succeeded);
  const stored = metrics.commitStarted();
  const committed = await commitChunk(client, { chunk, attempt: claimed.attempt, next, results, passed, parts });
  stored();
  if (!committed) throw new SupersededError(`chunk ${chunk.index} of job ${chunk.jobId}`, claimed.attempt);
  return results;
}

/** Counts results, pauses a job of which too much failed, and deletes what its items do not need any more. */
export async function afterCommit(
  { database, metrics, chunk, claimed, files }: ChunkRun,
  results: readonly ItemResultRow[],
): Promise<void> {
  metrics.itemsEnded(
    claimed.jobType,
    results.map(({ state }) => state),
  );
  const hasFailures = results.some(({ state }) => state === 'FAILED');
  if (claimed.isGuarded && hasFailures) await tripBreaker(database, chunk.jobId);
  await files?.deleteUnneeded(indexesOf(results));
}
