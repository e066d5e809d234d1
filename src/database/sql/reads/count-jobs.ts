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

/** One pass over the project's jobs: their counters say it all, no item is read. */
export async function countJobs(pool: Pool, projectId: string): Promise<JobGroup[]> {
  const { rows } = await pool.query<Row>(
    `select type, state, count(*) as jobs, sum(total) as total, sum(pending) as pending, sum(running) as running,
       sum(succeeded) as succeeded, sum(failed) as failed, sum(skipped) as skipped, sum(canceled) as canceled,
       count(*) filter (where state = 'COMPLETED' and completed_at > now() - interval '24 hours') as day,
       coalesce(sum(greatest(extract(epoch from completed_at - started_at) * 1000 - paused_ms, 0))
         filter (where state = 'COMPLETED'), 0)::bigint as ms
     from jobs where project_id = $1 and deleted_at is null
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
