import type { PoolClient } from 'pg';
import type { UploadFormat } from '../../domain/job.ts';

export interface FetchedUpload {
  id: string;
  projectId: string;
  jobId: string;
  fileName: string;
  byteSize: number;
  /** Lower-case hexadecimal. */
  sha256: string;
  lineCount: number | null;
  expiresAt: Date;
  format: UploadFormat;
}

/** Makes the file that a job fetched an upload, and says in the job how it is to be read. */
export async function storeFetchedUpload(client: PoolClient, upload: FetchedUpload): Promise<void> {
  const { id, projectId, fileName, byteSize, sha256, lineCount, expiresAt } = upload;
  await client.query(
    `insert into uploads (id, project_id, file_name, byte_size, sha256, line_count, received_at, expires_at)
     values ($1, $2, $3, $4, $5, $6, now(), $7)
     on conflict (id) do update set file_name = excluded.file_name, byte_size = excluded.byte_size, sha256 = excluded.sha256,
       line_count = excluded.line_count, received_at = excluded.received_at, expires_at = excluded.expires_at`,
    [id, projectId, fileName, byteSize, sha256, lineCount, expiresAt],
  );
  await client.query('update jobs set source = source || $2 where id = $1', [
    upload.jobId,
    JSON.stringify({ format: upload.format }),
  ]);
}
