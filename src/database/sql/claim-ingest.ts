import type { Pool } from 'pg';
import type { JobState } from '../../domain/job-state.ts';
import type { StoredSource, ValidationLevel } from '../../domain/job.ts';
import type { StageState } from '../../domain/stage-plan.ts';

/** A job's first stage, as the attempt that reads its source finds it. */
export interface IngestClaim {
  /** Null when there is nothing to claim: the stage has ended, or the job is not running. */
  attempt: number | null;
  stageState: StageState;
  jobState: JobState;
  /** Rows that earlier attempts committed. */
  completed: number;
  jobType: string;
  validation: ValidationLevel;
  source: StoredSource;
  /** What earlier attempts noted of the stage. */
  metadata: Record<string, unknown>;
  projectId: string;
}

/** Gives the first stage of a running job to one attempt; commits of earlier ones are refused from here on. Null when there is no such job. */
export async function claimIngest(pool: Pool, jobId: string): Promise<IngestClaim | null> {
  const { rows } = await pool.query<IngestClaim>(
    `with claimed as (
       update stages s
       set attempt = s.attempt + 1, state = 'RUNNING', started_at = coalesce(s.started_at, clock_timestamp())
       from jobs j
       where s.job_id = $1 and s.position = 0 and s.state in ('PENDING', 'RUNNING')
         and j.id = $1 and j.state = 'RUNNING' and j.deleted_at is null
       returning s.attempt, s.completed
     )
     select c.attempt, s.state as "stageState", j.state as "jobState", coalesce(c.completed, s.completed)::float8 as completed,
            j.type as "jobType", j.validation, j.source, s.metadata, j.project_id as "projectId"
     from jobs j join stages s on s.job_id = j.id and s.position = 0 left join claimed c on true
     where j.id = $1 and j.deleted_at is null`,
    [jobId],
  );
  return rows[0] ?? null;
}
