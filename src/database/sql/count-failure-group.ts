import type { PoolClient } from 'pg';

/** How many failed items have this fingerprint. */
export async function countFailureGroup(client: PoolClient, jobId: string, fingerprint: string): Promise<number> {
  const { rows } = await client.query<{ items: number }>(
    `select count(*)::float8 as items from item_results where job_id = $1 and state = 'FAILED' and fingerprint = $2`,
    [jobId, fingerprint],
  );
  return rows[0]?.items ?? 0;
}
