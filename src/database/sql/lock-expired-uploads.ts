import type { PoolClient } from 'pg';

/**
 * Locks up to `limit` uploads that are past their expiry and that no unfinished job reads. A job that is being submitted over
 * one of them holds its row: that one is passed over.
 */
export async function lockExpiredUploads(client: PoolClient, limit: number): Promise<string[]> {
  const { rows } = await client.query<{ id: string }>(
    `select id from uploads u
     where expires_at <= now() and not exists (
       select from jobs j
       where j.project_id = u.project_id and j.state not in ('COMPLETED', 'CANCELED', 'FAILED')
         and j.source ->> 'uploadId' = u.id::text
     )
     order by expires_at limit $1
     for update skip locked`,
    [limit],
  );
  return rows.map((row) => row.id);
}
