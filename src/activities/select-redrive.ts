import type { Database } from '../database/database.ts';
import { lockJob } from '../database/sql/lock-job.ts';
import { moveRedrivenItems } from '../database/sql/move-redriven-items.ts';
import { selectRedrive } from '../database/sql/select-redrive.ts';
import { endStage } from '../database/sql/set-stage-state.ts';
import type { StepOutcome } from '../domain/activities.ts';
import { ingestStageName } from '../domain/stage-plan.ts';
import { getJobType } from '../job-types/registry.ts';
import { chooseJobChunkSize } from '../jobs/choose-chunk-size.ts';

/** Failed items that one transaction takes back; keeps locks short in a job with millions of them. */
const batchItems = 20_000;

/**
 * Makes the failed items of a job wait again, in chunks of its present generation, which are all of one size. Each batch is a
 * transaction; a repeated call finds what is left.
 */
export async function selectRedriven(
  database: Database,
  input: { jobId: string; generation: number; onBatch: () => void },
): Promise<StepOutcome> {
  let chosen: number | null = null;
  for (;;) {
    const selected = await database.transaction(async (client): Promise<number | 'STOPPED'> => {
      const job = await lockJob(client, database.em(), input.jobId);
      if (!job || job.state !== 'RUNNING' || job.generation !== input.generation) return 'STOPPED';
      const jobType = getJobType(job.type);
      const first = jobType.stages.findIndex(({ kind }) => kind === 'ITEMS') + 1;
      // Once: while batches go, fewer and fewer items are failed.
      const size = chosen ?? (await chooseJobChunkSize(client, job, job.failed));
      chosen = size;
      const batch = Math.ceil(batchItems / size) * size;
      const items = await selectRedrive(client, {
        jobId: job.id,
        generation: job.generation,
        stage: first,
        size,
        batch,
        priority: job.chunkPriority,
      });
      if (items > 0) await moveRedrivenItems(client, job.id, items);
      else await endStage(client, job.id, { name: ingestStageName, position: 0 }, 'COMPLETED');
      return items;
    });
    if (selected === 'STOPPED') return 'YIELDED';
    if (selected === 0) return 'DONE';
    input.onBatch();
  }
}
