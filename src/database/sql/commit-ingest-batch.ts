import type { PoolClient } from 'pg';
import type { JobState } from '../../domain/job-state.ts';
import { copyItems, type NewItem } from './copy-items.ts';
import { insertInvalidItems, type InvalidItem } from './insert-invalid-items.ts';

export interface IngestBatch {
  jobId: string;
  attempt: number;
  items: readonly NewItem[];
  /** Those of `items` that failed already. */
  invalid: readonly InvalidItem[];
  /** Rows of the whole source, where that is known. */
  total: number | null;
  /** How far the source has been read, for the stage's metadata. */
  progress: Record<string, number>;
}

/**
 * Commits a batch of items in the caller's transaction: fence on the stage's attempt, items, results of bad ones, counters,
 * journal entry. Returns the state of the job, null when another attempt holds the stage by now: then roll back.
 */
export async function commitIngestBatch(client: PoolClient, batch: IngestBatch): Promise<JobState | null> {
  const { jobId, items, invalid } = batch;
  const { rows: fenced } = await client.query(
    `update stages
     set completed = completed + $3, failed = failed + $4, total = coalesce(total, $5), metadata = metadata || $6
     where job_id = $1 and position = 0 and attempt = $2 and state = 'RUNNING'
     returning 1`,
    [jobId, batch.attempt, items.length, invalid.length, batch.total, JSON.stringify(batch.progress)],
  );
  if (fenced.length === 0) return null;
  await copyItems(client, jobId, items);
  await insertInvalidItems(client, jobId, invalid);
  const { rows } = await client.query<{ state: JobState }>(countAndJournal, [jobId, items.length, invalid.length]);
  return rows[0]?.state ?? null;
}

const countAndJournal = `
with job as (
  update jobs
  set total = total + $2::int, pending = pending + $2::int - $3::int, failed = failed + $3::int,
      last_sequence = last_sequence + 1, updated_at = clock_timestamp()
  where id = $1 and deleted_at is null
  returning id, state, last_sequence,
    jsonb_build_object('total', total, 'pending', pending, 'running', running, 'succeeded', succeeded,
      'failed', failed, 'skipped', skipped, 'canceled', canceled) as counts
), entry as (
  insert into job_events (job_id, sequence, type, data, at)
  select job.id, job.last_sequence, 'StageProgressed',
    jsonb_build_object('stage', s.name, 'generation', s.generation, 'total', s.total, 'completed', s.completed,
      'failed', s.failed, 'counts', job.counts),
    clock_timestamp()
  from job join stages s on s.job_id = job.id and s.position = 0
)
select state from job`;
