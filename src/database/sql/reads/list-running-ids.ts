import type { Pool } from 'pg';
import { runningStates, userOf } from '../read-line.ts';

/** Jobs that have a place among those that run, the longest first; of all projects and users unless given. */
export async function listRunningIds(
  pool: Pick<Pool, 'query'>,
  { projectId, user, limit }: { projectId: string | null; user: string | null; limit: number },
): Promise<string[]> {
  const { rows } = await pool.query<{ id: string }>(
    `select id from jobs j where state in ${runningStates} and deleted_at is null
       and ($1::uuid is null or project_id = $1) and ($2::text is null or ${userOf('j')} = $2)
     order by started_at limit $3`,
    [projectId, user, limit],
  );
  return rows.map(({ id }) => id);
}
