import type { Pool } from 'pg';
import type { Caller } from '../../../domain/caller.ts';
import type { QueueCounts } from '../../../domain/line.ts';
import { isInLine, queueCounts } from './read-queue-counts.ts';

/** What would stand before a job that is submitted now, `headStartMs` further ahead than others. */
export async function readNextQueueCounts(
  pool: Pick<Pool, 'query'>,
  { projectId, caller, headStartMs }: { projectId: string; caller: Pick<Caller, 'kind' | 'id'>; headStartMs: number },
): Promise<QueueCounts | null> {
  const { rows } = await pool.query<{ counts: QueueCounts }>(
    `select ${queueCounts} as counts
     from (select $1::uuid as project_id, $2::jsonb as created_by, clock_timestamp() - $3 * interval '1 ms' as line_at, null::uuid as id) j
     left join jobs o on ${isInLine} and not exists (select from guard_rails g where g.job_id = o.id and g.start_at > now())`,
    [projectId, JSON.stringify(caller), headStartMs],
  );
  return rows[0]?.counts ?? null;
}
