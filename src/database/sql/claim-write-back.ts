import type { Pool } from 'pg';
import type { StoredSource, ValidationLevel } from '../../domain/job.ts';
import type { WriteBackCursor } from '../../domain/write-back.ts';

/** A job that tells the sheet of its items what became of them, as one attempt finds it. */
export interface WriteBackClaim {
  jobId: string;
  projectId: string;
  jobType: string;
  attempt: number;
  cursor: WriteBackCursor | null;
  source: StoredSource;
  validation: ValidationLevel;
  /** Items that are there to tell of. */
  total: number;
}

/** Gives the write-back of a job to one attempt; what earlier ones note is refused. Null when there is nothing to write (any more). */
export async function claimWriteBack(pool: Pool, jobId: string): Promise<WriteBackClaim | null> {
  const { rows } = await pool.query<WriteBackClaim>(
    `update sheet_write_backs w set attempt = w.attempt + 1
     from jobs j
     where w.job_id = $1 and w.state = 'PENDING' and j.id = w.job_id and j.deleted_at is null
     returning j.id as "jobId", j.project_id as "projectId", j.type as "jobType", w.attempt, w.cursor, j.source, j.validation,
       (case when j.items_deleted_at is null then j.total else 0 end)::float8 as total`,
    [jobId],
  );
  return rows[0] ?? null;
}
