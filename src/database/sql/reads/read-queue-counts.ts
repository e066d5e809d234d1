import type { Pool } from 'pg';
import type { QueueCounts } from '../../../domain/line.ts';
import { runningStates, userOf } from '../read-line.ts';

const counted = (condition: string) =>
  `json_build_object('running', count(*) filter (where o.state <> 'PENDING' and ${condition}),
                     'ahead', count(*) filter (where o.state = 'PENDING' and (o.line_at, o.id) < (j.line_at, j.id) and ${condition}))`;
/** Of jobs `o` that run or stand before `j`. */
export const queueCounts = `json_build_object(
  'USER', ${counted(`o.project_id = j.project_id and ${userOf('o')} = ${userOf('j')}`)},
  'PROJECT', ${counted('o.project_id = j.project_id')},
  'INSTALLATION', ${counted('true')})`;
/** Whether job `o` runs or waits. */
export const isInLine = `(o.state = 'PENDING' or o.state in ${runningStates}) and o.deleted_at is null`;

/** What stands before the waiting ones of the jobs; the others, and those that are to start later, are left out. */
export async function readQueueCounts(
  pool: Pool,
  jobIds: readonly string[],
): Promise<{ jobId: string; counts: QueueCounts }[]> {
  const { rows } = await pool.query<{ jobId: string; counts: QueueCounts }>(
    `select j.id as "jobId", ${queueCounts} as counts
     from jobs j
     join jobs o on ${isInLine}
     where j.id = any ($1::uuid[]) and j.state = 'PENDING'
       and not exists (select from guard_rails g where g.job_id in (j.id, o.id) and g.start_at > now())
     group by j.id`,
    [jobIds],
  );
  return rows;
}
