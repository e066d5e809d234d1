import type { Pool } from 'pg';
import type { ItemCounts } from '../../../domain/item-counts.ts';
import type { JobState } from '../../../domain/job-state.ts';

/** The jobs of a project that have one type and are in one state. */
export interface JobGroup {
  type: string;
  state: JobState;
  jobs: number;
  items: ItemCounts;
  completedLastDay: number;
  /** Milliseconds that the COMPLETED jobs ran, together; pauses don't count. */
  durationMs: number;
}

type Row = Pick<JobGroup, 'type' | 'state'> & Record<keyof ItemCounts | 'jobs' | 'day' | 'ms', string>;

/** Jobs that have ended are counted by their outcomes, which are narrow; the few others by their own rows. No item is read. */
export async function countJobs(pool: Pool, projectId: string): Promise<JobGroup[]> {
  const { rows } = await pool.query<Row>(
    `select type, state, count(*) as jobs, sum(total) as total, sum(pending) as pending, sum(running) as running,
       sum(succeeded) as succeeded, sum(failed) as failed, sum(skipped) as skipped, sum(canceled) as canceled,
       0 as day, 0 as ms
     from jobs where project_id = $1 and deleted_at is null and state not in ('COMPLETED', 'CANCELED', 'FAILED')
     group by type, state
     union all
     select type, state, count(*), sum(total), sum(total - succeeded - failed - skipped - canceled), 0,
       sum(succeeded), sum(failed), sum(skipped), sum(canceled),
       count(*) filter (where state = 'COMPLETED' and ended_at > now() - interval '24 hours'),
       coalesce(sum(duration_ms) filter (where state = 'COMPLETED'), 0)
     from job_outcomes where project_id = $1 and not is_deleted
     group by type, state order by type, state`,
    [projectId],
  );
  return rows.map(({ type, state, jobs, day, ms, ...counts }) => ({
    type,
    state,
    jobs: Number(jobs),
    items: {
      total: Number(counts.total),
      pending: Number(counts.pending),
      running: Number(counts.running),
      succeeded: Number(counts.succeeded),
      failed: Number(counts.failed),
      skipped: Number(counts.skipped),
      canceled: Number(counts.canceled),
    },
    completedLastDay: Number(day),
    durationMs: Number(ms),
  }));
}
