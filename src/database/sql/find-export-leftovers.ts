import type { Pool } from 'pg';

/**
 * What may still lie in storage for an export that nobody writes: parts beside its file, or anything, for one that failed or
 * was deleted. None while it is to be written, or expires in its time.
 */
export async function findExportLeftovers(pool: Pool, id: string): Promise<'NONE' | 'PARTS' | 'ALL'> {
  const { rows } = await pool.query<{ state: string }>('select state from exports where id = $1', [id]);
  const state = rows[0]?.state;
  if (state === undefined || state === 'FAILED') return 'ALL';
  return state === 'COMPLETED' ? 'PARTS' : 'NONE';
}
