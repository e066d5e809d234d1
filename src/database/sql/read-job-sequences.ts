import type { Pool } from 'pg';

/** How far the journal of a job has come. */
export interface JobSequence {
  jobId: string;
  projectId: string;
  lastSequence: number;
  active: boolean;
}

interface SequenceRow {
  id: string;
  project_id: string;
  last_sequence: string;
  active: boolean;
}

/**
 * The jobs of these projects that may have changed: all that have not ended (a partial index has just those), the newest
 * `newest` of each project, and `also` (those that had not ended when last seen). Deleted ones are left out.
 */
export async function readJobSequences(
  pool: Pool,
  input: { projectIds: readonly string[]; also: readonly string[]; newest: number },
): Promise<JobSequence[]> {
  const { rows } = await pool.query<SequenceRow>({
    name: 'read-job-sequences',
    text: `
      with candidates as (
        select id from jobs where project_id = any($1::uuid[]) and state not in ('COMPLETED', 'CANCELED', 'FAILED')
        union
        select recent.id
        from unnest($1::uuid[]) as watched (project_id)
        cross join lateral (
          select id from jobs where project_id = watched.project_id order by id desc limit $3
        ) recent
        union
        select unnest($2::uuid[])
      )
      select j.id, j.project_id, j.last_sequence, j.state not in ('COMPLETED', 'CANCELED', 'FAILED') as active
      from candidates join jobs j using (id)
      where j.deleted_at is null
      order by j.id`,
    values: [input.projectIds, input.also, input.newest],
  });
  return rows.map((row) => ({
    jobId: row.id,
    projectId: row.project_id,
    lastSequence: Number(row.last_sequence),
    active: row.active,
  }));
}
