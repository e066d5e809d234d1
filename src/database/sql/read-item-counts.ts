import type { PoolClient } from 'pg';
import type { ItemCounts } from '../../domain/item-counts.ts';

/** How many items of a job are in which state. @throws Error when there is no such job */
export async function readItemCounts(client: PoolClient, jobId: string): Promise<ItemCounts> {
  const { rows } = await client.query<ItemCounts>(
    `select total::float8, pending::float8, running::float8, succeeded::float8, failed::float8, skipped::float8, canceled::float8
     from jobs where id = $1`,
    [jobId],
  );
  const [counts] = rows;
  if (!counts) throw new Error(`Job ${jobId} is gone.`);
  return counts;
}
