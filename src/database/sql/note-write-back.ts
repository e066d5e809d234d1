import type { Pool } from 'pg';
import type { WriteBackCursor } from '../../domain/write-back.ts';

/** Notes how far a write-back is. False when another attempt has it by now. */
export async function noteWriteBack(
  pool: Pool,
  { jobId, attempt, cursor }: { jobId: string; attempt: number; cursor: WriteBackCursor },
): Promise<boolean> {
  const { rowCount } = await pool.query(
    `update sheet_write_backs set cursor = $3 where job_id = $1 and attempt = $2 and state = 'PENDING'`,
    [jobId, attempt, JSON.stringify(cursor)],
  );
  return rowCount === 1;
}
