import type { PoolClient } from 'pg';
import { noGuardRails, type ItemCosts } from '../../domain/guard-rails.ts';

/** What items of a locked job cost from now on; what was spent before is kept elsewhere, as an amount. */
export async function changeCosts(client: PoolClient, jobId: string, costs: ItemCosts | null): Promise<void> {
  const { rowCount } = await client.query('update guard_rails set costs = $2 where job_id = $1', [
    jobId,
    costs && JSON.stringify(costs),
  ]);
  if (rowCount === 1 || !costs) return;
  await client.query(`insert into guard_rails (job_id, settings, costs, baseline) values ($1, $2, $3, '{}')`, [
    jobId,
    JSON.stringify(noGuardRails),
    JSON.stringify(costs),
  ]);
}
