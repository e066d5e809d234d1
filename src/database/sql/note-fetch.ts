import type { PoolClient } from 'pg';
import type { ItemCounts } from '../../domain/item-counts.ts';
import type { JobState } from '../../domain/job-state.ts';
import { appendJobEvent } from './append-job-event.ts';

/**
 * Notes how far the file of a job is fetched, in the stage's metadata and with a journal entry, in the caller's transaction.
 * Returns the job's state; null when another attempt holds the stage by now.
 */
export async function noteFetch(
  client: PoolClient,
  { jobId, attempt, metadata }: { jobId: string; attempt: number; metadata: Record<string, unknown> },
): Promise<JobState | null> {
  const { rows } = await client.query<{
    state: JobState;
    stage: string;
    generation: number;
    total: number | null;
    completed: number;
    failed: number;
    counts: ItemCounts;
  }>(
    `with noted as (
       update stages set metadata = metadata || $3
       where job_id = $1 and position = 0 and attempt = $2 and state = 'RUNNING'
       returning name, generation, total, completed, failed
     )
     select j.state, n.name as stage, n.generation, n.total::float8, n.completed::float8, n.failed::float8,
       jsonb_build_object('total', j.total, 'pending', j.pending, 'running', j.running, 'succeeded', j.succeeded,
         'failed', j.failed, 'skipped', j.skipped, 'canceled', j.canceled) as counts
     from noted n join jobs j on j.id = $1`,
    [jobId, attempt, JSON.stringify(metadata)],
  );
  const [noted] = rows;
  if (!noted) return null;
  const { state, ...figures } = noted;
  await appendJobEvent(client, jobId, 'StageProgressed', figures);
  return state;
}
