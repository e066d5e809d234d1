import type { Pool } from 'pg';

/** A project's exports from the newest on, those of deleted jobs left out. */
export async function listExportIds(
  pool: Pool,
  { projectId, after, limit }: { projectId: string; after: string | null; limit: number },
): Promise<string[]> {
  const { rows } = await pool.query<{ id: string }>(
    `select e.id from exports e join jobs j on j.id = e.job_id
     where e.project_id = $1 and j.deleted_at is null and ($2::uuid is null or e.id < $2)
     order by e.id desc limit $3`,
    [projectId, after, limit],
  );
  return rows.map(({ id }) => id);
}
