import type { PoolClient } from 'pg';

/** Exports that were asked for at submit and are not made yet. */
export async function findRequestedExports(client: PoolClient, jobId: string): Promise<string[]> {
  const { rows } = await client.query<{ id: string }>(
    `select id from exports where job_id = $1 and at_completion and state in ('PENDING', 'RUNNING') order by id`,
    [jobId],
  );
  return rows.map((row) => row.id);
}
