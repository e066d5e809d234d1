import type { PoolClient } from 'pg';

/**
 * Ends the write-back of a job, in the caller's transaction. False when another attempt has it by now. The job is locked
 * first, as by a retry.
 */
export async function endWriteBack(
  client: PoolClient,
  { jobId, attempt }: { jobId: string; attempt: number },
): Promise<boolean> {
  const { rowCount } = await client.query(
    `with job as (select id from jobs where id = $1 for update)
     update sheet_write_backs w set state = 'ENDED', cursor = null
     from job where w.job_id = job.id and w.attempt = $2 and w.state = 'PENDING'`,
    [jobId, attempt],
  );
  return rowCount === 1;
}
