import type { Pool } from 'pg';

/** Jobs that ran at the same time, by their journals: of all, and of one user. */
export async function mostJobsAtOnce(pool: Pool): Promise<{ all: number; user: number }> {
  const { rows } = await pool.query<{ all: number; user: number }>(
    `with steps as (
       select e.at, e.sequence, j.created_by ->> 'id' as owner,
         (e.data ->> 'to' in ('RUNNING'))::int - (e.data ->> 'to' in ('PAUSED', 'COMPLETED', 'CANCELED', 'FAILED'))::int as step
       from job_events e join jobs j on j.id = e.job_id
       where e.type = 'JobStateChanged' and (e.data ->> 'from' in ('PENDING', 'PAUSED', 'COMPLETED') or e.data ->> 'to' in ('PAUSED', 'COMPLETED', 'CANCELED', 'FAILED'))
     ), sums as (
       select sum(step) over (order by at, step) as all, sum(step) over (partition by owner order by at, step) as user from steps
     )
     select max("all")::int as "all", max("user")::int as "user" from sums`,
  );
  return rows[0] ?? { all: 0, user: 0 };
}
