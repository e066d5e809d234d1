import type { PoolClient } from 'pg';

/** True when the journal tells of anything but exports after that entry: then items, results or the job may be others than before. */
export async function hasChangedSince(client: PoolClient, jobId: string, sequence: number): Promise<boolean> {
  const { rows } = await client.query<{ changed: boolean }>(
    `select exists (
       select from job_events where job_id = $1 and sequence > $2 and type not like 'Export%'
     ) as changed`,
    [jobId, sequence],
  );
  return rows[0]?.changed ?? true;
}
