import type { PoolClient } from 'pg';
import type { Database } from '../database/database.ts';
import type { Job } from '../database/entities/job.ts';
import { listStages } from '../database/sql/list-stages.ts';
import { lockJob } from '../database/sql/lock-job.ts';
import { moveRedrivenItems } from '../database/sql/move-redriven-items.ts';
import { readSelection } from '../database/sql/read-selection.ts';
import { selectKeyedRedrive } from '../database/sql/select-keyed-redrive.ts';
import { selectRedrive, type SelectedBatch } from '../database/sql/select-redrive.ts';
import { selectRetriedChunks } from '../database/sql/select-retried-chunks.ts';
import { endStage } from '../database/sql/set-stage-state.ts';
import type { StepOutcome } from '../domain/activities.ts';
import { ingestStageName } from '../domain/stage-plan.ts';
import { chooseJobChunkSize } from '../jobs/choose-chunk-size.ts';
import { isKeyed } from '../jobs/is-keyed.ts';

/** Failed items that one transaction takes back; keeps locks short in a job with millions of them. */
const batchItems = 20_000;

/**
 * Makes the failed items that a redrive selected wait again, in chunks of its generation. Each batch is a transaction; a
 * repeated call finds what is left. The others keep their results.
 */
export async function selectRedriven(
  database: Database,
  input: { jobId: string; generation: number; onBatch: () => void },
): Promise<StepOutcome> {
  let after = -1;
  let size: number | null = null;
  for (;;) {
    const selected = await database.transaction(async (client): Promise<SelectedBatch | 'STOPPED'> => {
      const job = await lockJob(client, database.em(), input.jobId);
      if (!job || job.state !== 'RUNNING' || job.generation !== input.generation) return 'STOPPED';
      // Once: so that all chunks are of one size.
      size ??= await chooseSize(client, job);
      const batch = await selectBatch(client, { job, after, size });
      if (batch.items > 0) await moveRedrivenItems(client, job.id, batch.items);
      else await endStage(client, job.id, { name: ingestStageName, position: 0 }, 'COMPLETED');
      return batch;
    });
    if (selected === 'STOPPED') return 'YIELDED';
    if (selected.items === 0) return 'DONE';
    after = selected.last;
    input.onBatch();
  }
}

async function chooseSize(client: PoolClient, job: Job): Promise<number> {
  const [ingest] = await listStages(client, job.id);
  // The ingest stage of a redrive is as long as what it selects.
  return await chooseJobChunkSize(client, job, ingest?.total ?? job.failed);
}

async function selectBatch(
  client: PoolClient,
  { job, after, size }: { job: Job; after: number; size: number },
): Promise<SelectedBatch> {
  const stages = await listStages(client, job.id);
  const stage = stages.find(({ kind }) => kind === 'ITEMS')?.position;
  if (stage === undefined) throw new Error(`Job ${job.id} has no stage over items that could run them again.`);
  const at = { jobId: job.id, generation: job.generation, stage, priority: job.chunkPriority, after };
  const selection = await readSelection(client, job.id, job.generation);
  if (selection.kind === 'CHUNKS') return await selectRetriedChunks(client, { ...at, batch: batchItems });
  const batch = Math.ceil(batchItems / size) * size;
  const redrive = { ...at, selection, size, batch };
  if (isKeyed(job)) return await selectKeyedRedrive(client, { ...redrive, lockKey: job.lockKey });
  return await selectRedrive(client, redrive);
}
