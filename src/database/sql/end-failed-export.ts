import type { PoolClient } from 'pg';
import { appendJobEvent } from './append-job-event.ts';
import type { ExportRef } from './claim-export.ts';
import { withJobLocked } from './with-job-locked.ts';

/** Ends an export that cannot be written. False when it was taken over, deleted or ended in the meantime: then nothing is written. */
export async function endFailedExport(client: PoolClient, { id, attempt }: ExportRef, error: string): Promise<boolean> {
  const { rows } = await client.query<{ jobId: string; format: string }>(
    `${withJobLocked}
     update exports set state = 'FAILED', error = $3, attempt = attempt + 1, checkpoint = null, completed_at = clock_timestamp()
     from job where exports.id = $1 and attempt = $2 and state = 'RUNNING'
     returning job_id as "jobId", format`,
    [id, attempt, error],
  );
  const [found] = rows;
  if (!found) return false;
  await appendJobEvent(client, found.jobId, 'ExportFailed', { exportId: id, format: found.format, error });
  return true;
}
