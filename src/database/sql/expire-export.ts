import type { PoolClient } from 'pg';
import { appendJobEvent } from './append-job-event.ts';
import { withJobLocked } from './with-job-locked.ts';

/** Marks an export whose time is over as EXPIRED. False when it was deleted or marked in the meantime: then nothing is written. */
export async function expireExport(client: PoolClient, id: string): Promise<boolean> {
  const { rows } = await client.query<{ jobId: string; format: string }>(
    `${withJobLocked}
     update exports set state = 'EXPIRED'
     from job where exports.id = $1 and state = 'COMPLETED' and expires_at <= now()
     returning job_id as "jobId", format`,
    [id],
  );
  const [found] = rows;
  if (!found) return false;
  await appendJobEvent(client, found.jobId, 'ExportExpired', { exportId: id, format: found.format });
  return true;
}
