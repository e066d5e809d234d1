import type { PoolClient } from 'pg';

/** Those of the items that are FAILED. */
export async function findFailedItems(
  client: PoolClient,
  jobId: string,
  indexes: readonly number[],
): Promise<Set<number>> {
  const { rows } = await client.query<{ index: number }>(
    `select index::float8 as index from item_results where job_id = $1 and state = 'FAILED' and index = any($2::bigint[])`,
    [jobId, indexes],
  );
  return new Set(rows.map(({ index }) => index));
}
