import type { PoolClient } from 'pg';

export async function deleteTemplateFiles(client: PoolClient, ids: readonly string[]): Promise<void> {
  await client.query('delete from template_files where id = any($1)', [ids]);
}
