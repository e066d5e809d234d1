import { storeTries } from '../database/sql/store-tries.ts';
import type { StepOutcome } from '../domain/activities.ts';
import { lockValueOf } from '../domain/lock-key.ts';
import type { ItemStage } from '../job-types/define-job-type.ts';
import { assertSmallData } from './chunk-files.ts';
import { membersOf, type ChunkRun } from './chunk-run.ts';
import { createCommitBuffer } from './commit-buffer.ts';
import { readWork } from './read-work.ts';
import { runItems } from './run-items.ts';

/** Slow items are committed about this often, so that a crash repeats little and progress is seen. */
const commitEveryMs = 1_000;

/** Runs the items in calls of their job type, some at a time, and commits them as they end. */
export async function processInBatches(
  run: ChunkRun,
  stage: ItemStage<unknown, unknown, unknown>,
): Promise<StepOutcome> {
  const { pool } = run.database;
  const { lockKey } = run.claimed;
  const { work: read, refused } = await readWork(pool, membersOf(run), run.validate);
  const work = run.files ? await run.files.bring(read, run.claimed) : read;
  const buffer = createCommitBuffer(run, refused);
  const tries: Record<string, number> = { ...run.claimed.tries };
  // Items that only pass on have no row that says so: their chunk commits whole, at its end.
  const timer = run.isLast ? setInterval(buffer.commitPart, commitEveryMs) : undefined;
  try {
    await runItems({
      items: work,
      batchSize: Math.min(stage.batchSize, run.limits.mostAtOnce),
      concurrency: stage.concurrency,
      lockValueOf: lockKey === null ? undefined : ({ input }) => lockValueOf(input, lockKey),
      retry: stage.retry,
      process: async (items) => {
        const outcomes = await stage.process(items, run.context);
        if (run.files) assertSmallData(outcomes);
        await run.told();
        return outcomes;
      },
      admit: run.limits.admit,
      onRetryable: async (again) => {
        for (const { item } of again) tries[item.index] = item.attempt + 1;
        await run.limits.noteFailures(again.map(({ error }) => error));
      },
      onEnded: (ended) => {
        for (const { item } of ended) delete tries[item.index];
        buffer.add(ended);
      },
      signal: run.limits.signal,
    });
  } finally {
    clearInterval(timer);
  }
  const isWhole = buffer.size() === work.length + refused.length;
  if (!isWhole) await storeTries(pool, run.chunk, run.claimed.attempt, tries);
  await buffer.commitRest(isWhole ? 'COMPLETED' : 'PENDING');
  return isWhole ? 'DONE' : 'YIELDED';
}
