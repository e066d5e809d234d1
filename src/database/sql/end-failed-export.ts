import type { PoolClient } from 'pg';
import { appendJobEvent } from './append-job-event.ts';
import { withJobLocked } from './with-job-locked.ts';

/** Ends an export that cannot be written; one that has ended is left alone. */
export async function endFailedExport(client: PoolClient, id: string, error: string): Promise<void> {
  const { rows } = await client.query<{ jobId: string; format: string }>(
    `${withJobLocked}
     update exports set state = 'FAILED', error = $2, attempt = attempt + 1, checkpoint = null, completed_at = clock_timestamp()
     from job where exports.id = $1 and state in ('PENDING', 'RUNNING')
     returning job_id as "jobId", format`,
    [id, error],
  );
  const [found] = rows;
  if (found) await appendJobEvent(client, found.jobId, 'ExportFailed', { exportId: id, format: found.format, error });
}
