import type { Pool } from 'pg';

/** How far the journal of a job has come. */
export interface JobSequence {
  jobId: string;
  projectId: string;
  lastSequence: number;
  deleted: boolean;
}

interface SequenceRow {
  id: string;
  project_id: string;
  last_sequence: string;
  deleted: boolean;
}

/**
 * The jobs of these projects that may have changed: all that have not ended, and those that ended, or changed after their
 * end, or were deleted in the last `windowMs`. A partial index has each of the two.
 */
export async function readJobSequences(
  pool: Pool,
  { projectIds, windowMs }: { projectIds: readonly string[]; windowMs: number },
): Promise<JobSequence[]> {
  const { rows } = await pool.query<SequenceRow>({
    name: 'read-job-sequences',
    text: `
      with candidates as (
        select id from jobs where project_id = any($1::uuid[]) and state not in ('COMPLETED', 'CANCELED', 'FAILED')
        union
        select id from jobs
        where project_id = any($1::uuid[]) and settled_at > clock_timestamp() - $2::float8 * interval '1 ms'
      )
      select j.id, j.project_id, j.last_sequence, j.deleted_at is not null as deleted
      from candidates join jobs j using (id)
      order by j.id`,
    values: [projectIds, windowMs],
  });
  return rows.map((row) => ({
    jobId: row.id,
    projectId: row.project_id,
    lastSequence: Number(row.last_sequence),
    deleted: row.deleted,
  }));
}
