import type { PoolClient } from 'pg';

/** Whatever has not ended is CANCELED: chunks and stages that are open, and the items in them. Fences late commits. */
export async function cancelRemainingItems(client: PoolClient, jobId: string): Promise<void> {
  await client.query(
    `with chunk as (
       update chunks set state = 'CANCELED', attempt = attempt + 1, completed_at = clock_timestamp()
       where job_id = $1 and state in ('PENDING', 'RUNNING')
     ), stage as (
       update stages set state = 'CANCELED', attempt = attempt + 1, completed_at = clock_timestamp()
       where job_id = $1 and state in ('PENDING', 'RUNNING')
     )
     update jobs set canceled = canceled + pending + running, pending = 0, running = 0, updated_at = clock_timestamp()
     where id = $1`,
    [jobId],
  );
}
