import type { PoolClient } from 'pg';
import type { Quota } from '../../domain/quota.ts';
import { readClock } from './read-clock.ts';

export interface QuotaHolder {
  projectId: string;
  holder: string;
}

/** Locks a holder's quota until the transaction ends, whole if it was not used for long: its row may be gone. Times are by the database's clock. */
export async function lockQuota(
  client: PoolClient,
  { projectId, holder }: QuotaHolder,
  { name, limit }: Quota,
): Promise<{ tokens: number; sinceMs: number; now: Date }> {
  const { rows } = await client.query<{ tokens: number; at: number }>(
    `insert into quotas (project_id, holder, name, tokens, at) values ($1, $2, $3, $4, clock_timestamp())
     on conflict (project_id, holder, name) do update set at = quotas.at
     returning tokens, extract(epoch from at)::float8 * 1000 as at`,
    [projectId, holder, name, limit],
  );
  const now = await readClock(client);
  const [row] = rows;
  if (!row) throw new Error(`The quota ${name} vanished while it was locked.`);
  return { tokens: row.tokens, sinceMs: now - row.at, now: new Date(now) };
}
