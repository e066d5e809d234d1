import type { PoolClient } from 'pg';

/** Largest first; the job's own row goes last, so that a purge that was cut off is found again. */
const tables = [
  'item_results',
  'items',
  'aggregate_parts',
  'chunks',
  'job_events',
  'exports',
  'generations',
  'stages',
] as const;

/**
 * Deletes up to `limit` rows of one table of a job that is marked deleted; true when nothing is left to do. Its own row stays
 * for a minute, in which who follows the project learns of the deletion; the reconciler comes back for it.
 */
export async function purgeJobBatch(client: PoolClient, jobId: string, limit: number): Promise<boolean> {
  const { rowCount: marked } = await client.query(
    'select from jobs where id = $1 and deleted_at is not null for update',
    [jobId],
  );
  if (marked === 0) return true;
  for (const table of tables) {
    const { rowCount } = await client.query(
      `delete from ${table} where job_id = $1 and ctid in (select ctid from ${table} where job_id = $1 limit $2)`,
      [jobId, limit],
    );
    if (rowCount !== 0) return false;
  }
  await client.query(`delete from jobs where id = $1 and deleted_at < now() - interval '1 minute'`, [jobId]);
  return true;
}
