import type { PoolClient } from 'pg';
import type { QuotaName } from '../../domain/quota.ts';
import type { QuotaHolder } from './lock-quota.ts';

/** Stores what is left of a locked quota. */
export async function storeQuota(
  client: PoolClient,
  { projectId, holder }: QuotaHolder,
  left: { name: QuotaName; tokens: number; at: Date },
): Promise<void> {
  await client.query('update quotas set tokens = $4, at = $5 where project_id = $1 and holder = $2 and name = $3', [
    projectId,
    holder,
    left.name,
    left.tokens,
    left.at,
  ]);
}
