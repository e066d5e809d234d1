import type { PoolClient } from 'pg';
import { appendJobEvent } from './append-job-event.ts';
import type { ExportRef } from './claim-export.ts';
import { withJobLocked } from './with-job-locked.ts';

export interface WrittenFile {
  fileName: string;
  byteSize: number;
  sha256: string;
  asOfSequence: number;
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
    `${withJobLocked}
     update exports set state = 'COMPLETED', percent = 100, file_name = $3, byte_size = $4, sha256 = $5, expires_at = $6, as_of_sequence = $7, error = null,
         checkpoint = null,
         completed_at = clock_timestamp()
     from job where exports.id = $1 and attempt = $2 and state = 'RUNNING'
     returning job_id as "jobId", format`,
    [id, attempt, fileName, byteSize, sha256, file.expiresAt, file.asOfSequence],
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
