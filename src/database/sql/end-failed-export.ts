import type { PoolClient } from 'pg';
import { appendJobEvent } from './append-job-event.ts';

/** Ends an export that cannot be written; one that has ended is left alone. */
export async function endFailedExport(client: PoolClient, id: string, error: string): Promise<void> {
  const { rows } = await client.query<{ jobId: string; format: string }>(
    `update exports set state = 'FAILED', error = $2, attempt = attempt + 1, completed_at = clock_timestamp()
     where id = $1 and state in ('PENDING', 'RUNNING')
     returning job_id as "jobId", format`,
    [id, error],
  );
  const [found] = rows;
  if (found) await appendJobEvent(client, found.jobId, 'ExportFailed', { exportId: id, format: found.format, error });
}
