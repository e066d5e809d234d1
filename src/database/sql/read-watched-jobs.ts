import type { Pool } from 'pg';
import type { JobEvent } from '../../domain/job-event.ts';
import type { JobState } from '../../domain/job-state.ts';
import { jobEventJson, toJobEvent, type JobEventRecord } from './read-job-events.ts';

/** Where a watched job stands, all of it from one snapshot. */
export interface WatchedJob {
  jobId: string;
  projectId: string;
  state: JobState;
  lastSequence: number;
  /** Differs after every change of the row, also one without a journal entry (the row's xmin). */
  version: string;
  deleted: boolean;
  /** Entries after `afterSequence`, in order: the first `limit` of them. */
  events: JobEvent[];
}

interface WatchedRow {
  id: string;
  project_id: string;
  state: JobState;
  last_sequence: string;
  version: string;
  deleted: boolean;
  events: JobEventRecord[] | null;
}

/**
 * Everything that is new in the jobs that somebody watches, in one statement for all of them. A journal entry commits
 * together with `last_sequence`, so in one snapshot they always agree. A job whose row is gone is left out.
 */
export async function readWatchedJobs(
  pool: Pool,
  watched: readonly { jobId: string; afterSequence: number }[],
  limit: number,
): Promise<WatchedJob[]> {
  const { rows } = await pool.query<WatchedRow>({
    name: 'read-watched-jobs',
    text: `
      select j.id, j.project_id, j.state, j.last_sequence, j.xmin::text as version, j.deleted_at is not null as deleted, fresh.events
      from unnest($1::uuid[], $2::bigint[]) as watched (job_id, after)
      join jobs j on j.id = watched.job_id
      left join lateral (
        select json_agg(${jobEventJson} order by e.sequence) as events
        from (
          select * from job_events
          where job_id = watched.job_id and sequence > watched.after
          order by sequence limit $3
        ) e
      ) fresh on j.last_sequence > watched.after`,
    values: [watched.map((job) => job.jobId), watched.map((job) => job.afterSequence), limit],
  });
  return rows.map((row) => ({
    jobId: row.id,
    projectId: row.project_id,
    state: row.state,
    lastSequence: Number(row.last_sequence),
    version: row.version,
    deleted: row.deleted,
    events: (row.events ?? []).map((event) => toJobEvent(row.id, event)),
  }));
}
