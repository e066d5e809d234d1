import type { PoolClient } from 'pg';

/** The sheet of a job that runs again is told again at its end; an attempt that is still at it has nothing more to say. */
export async function restartWriteBack(client: PoolClient, jobId: string): Promise<void> {
  await client.query(
    `update sheet_write_backs set state = 'PENDING', attempt = attempt + 1, cursor = null where job_id = $1`,
    [jobId],
  );
}
