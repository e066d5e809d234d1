import type { Pool } from 'pg';

export interface UnheardWork {
  kind: 'JOB' | 'EXPORT' | 'PURGE';
  id: string;
}

/**
 * What should be going on and shows no sign of it: jobs that wait for their workflow to stop them, or have been silent for 15 s,
 * exports whose time has come, and deleted jobs that are still there when their minute is over.
 */
export async function findUnheardWork(pool: Pool): Promise<UnheardWork[]> {
  const { rows } = await pool.query<UnheardWork>(
    `(select 'JOB' as kind, id from jobs
      where state not in ('COMPLETED', 'CANCELED', 'FAILED') and deleted_at is null
        and (state in ('PAUSING', 'CANCELING') and updated_at < now() - interval '3 s'
          or state in ('RUNNING', 'COMPLETING') and updated_at < now() - interval '15 s')
      order by id limit 500)
     union all
     (select 'EXPORT', e.id from exports e join jobs j on j.id = e.job_id
      where e.state in ('PENDING', 'RUNNING') and j.deleted_at is null
        and (not e.at_completion or j.state in ('COMPLETED', 'CANCELED', 'FAILED'))
        and e.created_at < now() - interval '3 s'
      order by e.id limit 100)
     union all
     (select 'PURGE', id from jobs where deleted_at < now() - interval '1 minute' order by id limit 100)`,
  );
  return rows;
}
