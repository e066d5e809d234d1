import type { PoolClient } from 'pg';

/** Deletes the rows of uploads; their files have gone before. */
export async function deleteUploads(client: PoolClient, ids: readonly string[]): Promise<void> {
  await client.query('delete from uploads where id = any($1)', [ids]);
}
