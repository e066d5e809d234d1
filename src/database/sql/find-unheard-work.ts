import type { Pool } from 'pg';

export interface UnheardWork {
  kind: 'JOB' | 'EXPORT' | 'PURGE';
  id: string;
}

/**
 * What should be going on and shows no sign of it: jobs that wait for their workflow to stop them, have been silent for 15 s, or whose
 * time has come, exports whose time has come, jobs that ended and have not told their sheet, and the job whose purge has been due for longest.
 */
export async function findUnheardWork(pool: Pool): Promise<UnheardWork[]> {
  const { rows } = await pool.query<UnheardWork>(
    `(select 'JOB' as kind, id::text as id from jobs
      where state not in ('COMPLETED', 'CANCELED', 'FAILED') and deleted_at is null
        and (state in ('PAUSING', 'CANCELING') and updated_at < now() - interval '3 s'
          or state in ('RUNNING', 'COMPLETING') and updated_at < now() - interval '15 s')
      order by id limit 500)
     union
     (select 'JOB', g.job_id::text from guard_rails g join jobs j on j.id = g.job_id
      where g.due_at <= now() and j.deleted_at is null and j.state not in ('COMPLETED', 'CANCELED', 'FAILED')
      order by g.due_at limit 500)
     union
     (select 'JOB', w.job_id::text from sheet_write_backs w join jobs j on j.id = w.job_id
      where w.state = 'PENDING' and j.deleted_at is null and j.state in ('COMPLETED', 'CANCELED', 'FAILED')
        and j.updated_at < now() - interval '15 s'
      order by w.job_id limit 100)
     union all
     (select 'EXPORT', e.id::text from exports e join jobs j on j.id = e.job_id
      where e.state in ('PENDING', 'RUNNING') and j.deleted_at is null
        and (not e.at_completion or j.state in ('COMPLETED', 'CANCELED', 'FAILED'))
        and e.created_at < now() - interval '3 s'
      order by e.id limit 100)
     union all
     (select 'PURGE', id::text from jobs where purge_at <= now() order by purge_at limit 1)`,
  );
  return rows;
}
