import type { PoolClient } from 'pg';
import type { ItemResultRow } from '../database/sql/commit-chunk.ts';
import type { StepOutcome } from '../domain/activities.ts';
import type { TransactionalItemStage } from '../job-types/define-job-type.ts';
import { membersOf, type ChunkRun } from './chunk-run.ts';
import { afterCommit, commitItems, commitWithin, gather } from './commit-items.ts';
import { readWork } from './read-work.ts';
import { missingOutcome } from './run-items.ts';

/** The job type's writes and the commit are one transaction; a job with a rate of its own has several, one after the other. */
export async function processInTransaction(
  run: ChunkRun,
  stage: TransactionalItemStage<unknown, unknown, unknown>,
): Promise<StepOutcome> {
  // Items that only pass on have no row that says so: their chunk commits whole.
  const size = run.isLast ? run.limits.mostAtOnce : Infinity;
  for (let left = run.claimed.remaining; ; left -= size) {
    if (!(await run.limits.admit(Math.min(left, size)))) {
      await commitItems(run, 'PENDING', gather(run, []));
      return 'YIELDED';
    }
    const limit = size < left ? size : undefined;
    await afterCommit(run, await run.database.transaction((client) => processPart(run, stage, { client, limit })));
    if (limit === undefined) return 'DONE';
  }
}

/** @param part without a limit it is the last, and ends the chunk */
async function processPart(
  run: ChunkRun,
  stage: TransactionalItemStage<unknown, unknown, unknown>,
  { client, limit }: { client: PoolClient; limit: number | undefined },
): Promise<ItemResultRow[]> {
  const { work, refused } = await readWork(client, { ...membersOf(run), limit }, run.validate);
  const startedAt = performance.now();
  const outcomes = work.length > 0 ? await stage.process(work, { ...run.context, sql: client }) : [];
  const durationMs = Math.round((performance.now() - startedAt) / Math.max(work.length, 1));
  const ended = work.map((item, position) => ({ item, outcome: outcomes[position] ?? missingOutcome, durationMs }));
  return await commitWithin(
    run,
    client,
    limit === undefined ? 'COMPLETED' : 'RUNNING',
    gather(run, [...refused, ...ended]),
  );
}
