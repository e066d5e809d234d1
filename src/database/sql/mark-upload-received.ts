import type { PoolClient } from 'pg';

export interface ReceivedUpload {
  id: string;
  byteSize: number;
  /** Lower-case hexadecimal. */
  sha256: string;
  /** Null for files whose lines are not seen. */
  lineCount: number | null;
}

/** Notes that an upload is there whole, and what it holds. */
export async function markUploadReceived(client: PoolClient, upload: ReceivedUpload): Promise<void> {
  await client.query(
    'update uploads set byte_size = $2, sha256 = $3, line_count = $4, received_at = now() where id = $1',
    [upload.id, upload.byteSize, upload.sha256, upload.lineCount],
  );
}
