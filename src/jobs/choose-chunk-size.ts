import type { PoolClient } from 'pg';
import type { Job } from '../database/entities/job.ts';
import { measureItemMs } from '../database/sql/measure-item-ms.ts';
import { chooseChunkSize } from '../domain/chunk-ranges.ts';
import type { JobType } from '../job-types/define-job-type.ts';
import { declaredChunkSize, getJobType } from '../job-types/registry.ts';

/** Chunks that a worker runs at a time unless told otherwise: what a job type declares of its speed is shared by them. */
const usualConcurrency = 8;

/** Items for each chunk of `total` items of the job: what the client asked for, or what was measured, or what the job type declares. */
export async function chooseJobChunkSize(
  client: PoolClient,
  job: Pick<Job, 'projectId' | 'type' | 'options' | 'chunkSize' | 'itemsPerSecond'>,
  total: number,
): Promise<number> {
  const size = await chooseFreely(client, job, total);
  // A chunk that runs as a whole must not be more than a second of the job's own rate.
  return Math.min(size, Math.ceil(job.itemsPerSecond ?? Infinity));
}

async function chooseFreely(
  client: PoolClient,
  job: Pick<Job, 'projectId' | 'type' | 'options' | 'chunkSize'>,
  total: number,
): Promise<number> {
  if (job.chunkSize !== null && job.chunkSize !== undefined) return job.chunkSize;
  const jobType = getJobType(job.type);
  const declared = declaredChunkSize(jobType);
  const least = Math.min(declared, itemsAtOnce(jobType));
  const measured = await measureItemMs(client, job, least);
  const itemMs = measured ?? (usualConcurrency * 1_000) / jobType.declaredItemsPerSecond;
  return chooseChunkSize({ total, itemMs, declared, least });
}

/** Items of a chunk that all its stages work on at the same time: with fewer it would not be done sooner. */
function itemsAtOnce({ stages }: JobType): number {
  const atOnce = stages.flatMap((stage) => {
    if (stage.kind === 'ONCE') return [];
    return stage.transactional ? [1] : [stage.batchSize * stage.concurrency];
  });
  return Math.min(...atOnce);
}
