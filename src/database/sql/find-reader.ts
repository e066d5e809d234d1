import type { PoolClient } from 'pg';

/** A job that still reads its items from job `jobId`; null when none does. */
export async function findReader(client: PoolClient, projectId: string, jobId: string): Promise<string | null> {
  const { rows } = await client.query<{ id: string }>(
    `select j.id from jobs j join stages s on s.job_id = j.id and s.position = 0
     where j.project_id = $1 and j.state not in ('COMPLETED', 'CANCELED', 'FAILED') and j.deleted_at is null
       and j.source ->> 'jobId' = $2::text and s.state in ('PENDING', 'RUNNING')
     limit 1`,
    [projectId, jobId],
  );
  return rows[0]?.id ?? null;
}
