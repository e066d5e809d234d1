import type { PoolClient } from 'pg';
import { appendJobEvent } from './append-job-event.ts';
import type { ExportRef } from './claim-export.ts';

export interface WrittenFile {
  fileName: string;
  byteSize: number;
  sha256: string;
  expiresAt: Date;
}

/** Ends the export with its file. False when it was taken over, deleted or failed in the meantime: then nothing is written. */
export async function completeExport(
  client: PoolClient,
  { id, attempt }: ExportRef,
  file: WrittenFile,
): Promise<boolean> {
  const { fileName, byteSize, sha256 } = file;
  const { rows } = await client.query<{ jobId: string; format: string }>(
    `update exports
     set state = 'COMPLETED', percent = 100, file_name = $3, byte_size = $4, sha256 = $5, expires_at = $6, error = null,
         completed_at = clock_timestamp()
     where id = $1 and attempt = $2 and state = 'RUNNING'
     returning job_id as "jobId", format`,
    [id, attempt, fileName, byteSize, sha256, file.expiresAt],
  );
  const [found] = rows;
  if (!found) return false;
  await appendJobEvent(client, found.jobId, 'ExportCompleted', {
    exportId: id,
    format: found.format,
    fileName,
    byteSize,
    sha256,
  });
  return true;
}
