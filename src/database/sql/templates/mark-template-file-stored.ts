import type { Pool } from 'pg';

/** False when its row is gone. */
export async function markTemplateFileStored(pool: Pool, id: string): Promise<boolean> {
  const { rowCount } = await pool.query('update template_files set stored_at = now() where id = $1', [id]);
  return rowCount === 1;
}
