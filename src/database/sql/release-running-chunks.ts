import type { PoolClient } from 'pg';

/** Takes all chunks of a job from attempts that are no longer there: a paused job runs nothing, and late commits are refused. */
export async function releaseRunningChunks(client: PoolClient, jobId: string): Promise<void> {
  await client.query(
    `with chunk as (
       update chunks set state = 'PENDING', attempt = attempt + 1 where job_id = $1 and state = 'RUNNING'
     )
     update jobs set pending = pending + running, running = 0 where id = $1 and running > 0`,
    [jobId],
  );
}
