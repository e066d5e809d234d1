import type { Pool } from 'pg';

/** Notes a file that is about to be written, or is written again after a crash; its age begins anew. */
export async function insertTemplateFile(
  pool: Pool,
  file: { id: string; projectId: string; mediaType: string; byteSize: number },
): Promise<void> {
  await pool.query(
    `insert into template_files (id, project_id, media_type, byte_size) values ($1, $2, $3, $4)
     on conflict (id) do update set created_at = now()`,
    [file.id, file.projectId, file.mediaType, file.byteSize],
  );
}
