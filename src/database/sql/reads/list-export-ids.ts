import type { Pool } from 'pg';
import type { ExportState } from '../../../domain/export.ts';

/** A project's exports in these states, null for all, from the newest on; those of deleted jobs left out. */
export async function listExportIds(
  pool: Pool,
  request: { projectId: string; states: readonly ExportState[] | null; after: string | null; limit: number },
): Promise<string[]> {
  const { rows } = await pool.query<{ id: string }>(
    `select e.id from exports e join jobs j on j.id = e.job_id
     where e.project_id = $1 and j.deleted_at is null and ($2::uuid is null or e.id < $2)
       and ($4::text[] is null or e.state = any($4))
     order by e.id desc limit $3`,
    [request.projectId, request.after, request.limit, request.states],
  );
  return rows.map(({ id }) => id);
}
