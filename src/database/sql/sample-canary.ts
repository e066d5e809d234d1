import type { PoolClient } from 'pg';
import type { CanarySample } from '../../domain/canary.ts';

/** How the first `items` items of a job ended, and how long their chunks took from the first begin to the last end. */
export async function sampleCanary(
  client: PoolClient,
  jobId: string,
  items: number,
): Promise<Pick<CanarySample, 'succeeded' | 'failed' | 'skipped' | 'durationMs'>> {
  const { rows } = await client.query<Pick<CanarySample, 'succeeded' | 'failed' | 'skipped' | 'durationMs'>>(
    `select count(*) filter (where state = 'SUCCEEDED')::float8 as succeeded, count(*) filter (where state = 'FAILED')::float8 as failed,
            count(*) filter (where state = 'SKIPPED')::float8 as skipped,
            coalesce((select round(extract(epoch from max(completed_at) - min(started_at)) * 1000)
                      from chunks where job_id = $1 and generation = 0 and last_item < $2), 0)::float8 as "durationMs"
     from item_results where job_id = $1 and index < $2`,
    [jobId, items],
  );
  return rows[0] ?? { succeeded: 0, failed: 0, skipped: 0, durationMs: 0 };
}
