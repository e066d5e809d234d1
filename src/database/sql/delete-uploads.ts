import type { PoolClient } from 'pg';

export async function deleteUploads(client: PoolClient, ids: readonly string[]): Promise<void> {
  await client.query('delete from uploads where id = any($1)', [ids]);
}
