import type { Pool } from 'pg';

/** Of these exports, those that are there, each with a version that differs after every change of its row (its xmin). */
export async function readExportVersions(pool: Pool, ids: readonly string[]): Promise<Map<string, string>> {
  const { rows } = await pool.query<{ id: string; version: string }>({
    name: 'read-export-versions',
    text: `select e.id, e.xmin::text as version
           from unnest($1::uuid[]) as watched (id)
           join exports e on e.id = watched.id
           join jobs j on j.id = e.job_id and j.deleted_at is null`,
    values: [[...ids]],
  });
  return new Map(rows.map(({ id, version }) => [id, version]));
}
