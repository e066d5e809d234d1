import type { Pool } from 'pg';
import type { TemplateFile } from '../../entities/template-file.ts';

/** A stored file of the project, kept from clean-up for another while; null when there is none. */
export async function renewTemplateFile(
  pool: Pool,
  { id, projectId }: { id: string; projectId: string },
): Promise<Pick<TemplateFile, 'id' | 'mediaType'> | null> {
  const { rows } = await pool.query<Pick<TemplateFile, 'id' | 'mediaType'>>(
    `update template_files set created_at = now() where id = $1 and project_id = $2 and stored_at is not null
     returning id, media_type as "mediaType"`,
    [id, projectId],
  );
  return rows[0] ?? null;
}
