import type { PoolClient } from 'pg';
import { appendJobEvent } from './append-job-event.ts';
import type { ExportRef } from './claim-export.ts';
import { withJobLocked } from './with-job-locked.ts';

/** False when the export was taken over, deleted or failed in the meantime: then nothing is written. */
export async function recordExportProgress(
  client: PoolClient,
  { id, attempt }: ExportRef,
  percent: number,
): Promise<boolean> {
  const { rows } = await client.query<{ jobId: string; format: string }>(
    `${withJobLocked}
     update exports set percent = $3 from job where exports.id = $1 and attempt = $2 and state = 'RUNNING'
     returning job_id as "jobId", format`,
    [id, attempt, percent],
  );
  const [found] = rows;
  if (!found) return false;
  await appendJobEvent(client, found.jobId, 'ExportProgressed', { exportId: id, format: found.format, percent });
  return true;
}
