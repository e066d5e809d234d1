import type { PoolClient } from 'pg';

/** True when the sheet that the items of a job came from is to be told yet what became of them. */
export async function hasPendingWriteBack(client: PoolClient, jobId: string): Promise<boolean> {
  const { rows } = await client.query(`select from sheet_write_backs where job_id = $1 and state = 'PENDING'`, [jobId]);
  return rows.length > 0;
}
