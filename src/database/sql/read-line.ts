import type { Pool, PoolClient } from 'pg';
import type { RunningJobs, WaitingJob } from '../../domain/line.ts';

/** Jobs in these states have a place among those that run. A paused one has none: it must not hold up others. */
export const runningStates = `('RUNNING', 'PAUSING', 'COMPLETING', 'CANCELING')`;
/** Whoever submitted job `j`. */
export const userOf = (j: string) => `coalesce(${j}.created_by ->> 'kind' || ':' || (${j}.created_by ->> 'id'), '')`;

/** Held until the transaction ends by who gives places away: any number that nothing else in this database locks. */
const lineLock = 727_100_002;

/** Lets one at a time give places away, until its transaction ends. */
export async function lockLine(client: PoolClient): Promise<void> {
  await client.query('select pg_advisory_xact_lock($1)', [lineLock]);
}

/** How many jobs run, and the first that wait and whose time to start has come, `perUser` of each user; `alsoId` is a job that would wait if it cannot start. */
export async function readLine(
  client: Pool | PoolClient,
  { perUser, alsoId = null }: { perUser: number; alsoId?: string | null },
): Promise<{ running: RunningJobs[]; waiting: WaitingJob[] }> {
  const running = await client.query<RunningJobs>(
    `select j.project_id as "projectId", ${userOf('j')} as user, count(*)::int as jobs
     from jobs j where j.state in ${runningStates} and j.deleted_at is null group by 1, 2`,
  );
  const waiting = await client.query<WaitingJob>(
    `select id, project_id as "projectId", "user" from (
       select j.id, j.project_id, j.line_at, ${userOf('j')} as "user",
              row_number() over (partition by j.project_id, ${userOf('j')} order by j.line_at, j.id) as turn
       from jobs j where (j.state = 'PENDING' or j.id = $2) and j.deleted_at is null
         and not exists (select from guard_rails g where g.job_id = j.id and g.start_at > now())
     ) w where turn <= $1 order by line_at, id`,
    [perUser, alsoId],
  );
  return { running: running.rows, waiting: waiting.rows };
}
