import type { PoolClient } from 'pg';
import type { JobState } from '../../domain/job-state.ts';

/** What an export needs to know of its job. */
export interface ExportedJob {
  id: string;
  title: string;
  type: string;
  state: JobState;
  total: number;
  failed: number;
  /** Number of the last journal entry: whoever has it has heard of all that the export shows. */
  lastSequence: number;
  itemsDeletedAt: Date | null;
  /** JSON text; null when the job has none. */
  aggregates: string | null;
}

/** Makes everything that the transaction reads the state of one moment: a retry of the job does not show in half of a file. */
export async function openExportSnapshot(client: PoolClient, jobId: string): Promise<ExportedJob | null> {
  await client.query('set transaction isolation level repeatable read, read only');
  const { rows } = await client.query<Omit<ExportedJob, 'itemsDeletedAt'> & { itemsDeletedAt: string | null }>(
    `select id, title, type, state, total::float8 as total, failed::float8 as failed, last_sequence::float8 as "lastSequence", items_deleted_at as "itemsDeletedAt", aggregates::text as aggregates
     from jobs where id = $1 and deleted_at is null`,
    [jobId],
  );
  const [job] = rows;
  if (!job) return null;
  return { ...job, itemsDeletedAt: job.itemsDeletedAt === null ? null : new Date(job.itemsDeletedAt) };
}
