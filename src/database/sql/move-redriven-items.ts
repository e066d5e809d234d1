import type { PoolClient } from 'pg';

/** Counts items as waiting that were failed, in job and ingest stage, and writes the journal entry. */
export async function moveRedrivenItems(client: PoolClient, jobId: string, items: number): Promise<void> {
  await client.query(
    `with stage as (
       update stages set completed = completed + $2::int where job_id = $1 and position = 0
       returning name, generation, total, completed
     ), job as (
       update jobs set failed = failed - $2::int, pending = pending + $2::int, last_sequence = last_sequence + 1, updated_at = clock_timestamp()
       where id = $1
       returning last_sequence, jsonb_build_object('total', total, 'pending', pending, 'running', running, 'succeeded', succeeded,
         'failed', failed, 'skipped', skipped, 'canceled', canceled) as counts
     )
     insert into job_events (job_id, sequence, type, data, at)
     select $1, last_sequence, 'StageProgressed',
       jsonb_build_object('stage', name, 'generation', generation, 'total', total, 'completed', completed, 'failed', 0, 'counts', counts),
       clock_timestamp()
     from job, stage`,
    [jobId, items],
  );
}
