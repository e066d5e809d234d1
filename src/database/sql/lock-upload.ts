import type { PoolClient } from 'pg';

export interface LockedUpload {
  /** As announced by the client; once received, as received. */
  sha256: string | null;
  receivedAt: Date | null;
}

/** Locks an upload until the transaction ends; null when it is gone. */
export async function lockUpload(client: PoolClient, id: string): Promise<LockedUpload | null> {
  const { rows } = await client.query<LockedUpload>(
    'select sha256, received_at as "receivedAt" from uploads where id = $1 for update',
    [id],
  );
  return rows[0] ?? null;
}
