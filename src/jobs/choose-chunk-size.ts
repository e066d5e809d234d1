import type { PoolClient } from 'pg';
import type { Job } from '../database/entities/job.ts';
import { measureItemMs } from '../database/sql/measure-item-ms.ts';
import { chooseChunkSize } from '../domain/chunk-ranges.ts';
import type { JobType } from '../job-types/define-job-type.ts';
import { makesFiles } from '../job-types/makes-files.ts';
import { getJobType } from '../job-types/registry.ts';
import { wantedItemStages } from '../job-types/stages-to-run.ts';

/** Chunks that a worker runs at a time unless told otherwise: what a job type declares of its speed is shared by them. */
const usualConcurrency = 8;
/** Items that a chunk holds unless its stage says otherwise. */
const defaultChunkSize = 500;

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
  const jobType = getJobType(job.type);
  const declared = declaredChunkSize(jobType, job.options);
  // A crash repeats a chunk: of slow items it must never hold more than their job type wants.
  if (makesFiles(job)) return Math.min(job.chunkSize ?? declared, declared);
  if (job.chunkSize !== null && job.chunkSize !== undefined) return job.chunkSize;
  const least = Math.min(declared, itemsAtOnce(jobType, job.options));
  const measured = await measureItemMs(client, job, least);
  const itemMs = measured ?? (usualConcurrency * 1_000) / jobType.declaredItemsPerSecond;
  return chooseChunkSize({ total, itemMs, declared, least });
}

/** What the first item stage of a job declares: the stages after it run the same chunks. */
function declaredChunkSize(jobType: JobType, options: Record<string, unknown>): number {
  const [first] = wantedItemStages(jobType, options);
  return first?.chunkSize ?? defaultChunkSize;
}

/** Items of a chunk that all its stages work on at the same time: with fewer it would not be done sooner. */
function itemsAtOnce(jobType: JobType, options: Record<string, unknown>): number {
  const atOnce = wantedItemStages(jobType, options).map((stage) =>
    stage.transactional ? 1 : stage.batchSize * stage.concurrency,
  );
  return Math.min(...atOnce);
}
