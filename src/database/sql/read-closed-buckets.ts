import type { Pool, PoolClient } from 'pg';

export interface ClosedBucket {
  projectId: string;
  name: string;
  until: Date;
  /** Milliseconds from now. */
  forMs: number;
  reason: string | null;
}

/** Those buckets of the projects that their providers have closed. */
export async function readClosedBuckets(
  client: Pool | PoolClient,
  projectIds: readonly string[],
): Promise<ClosedBucket[]> {
  const { rows } = await client.query<Omit<ClosedBucket, 'until'> & { until: number }>(
    `select project_id as "projectId", name, extract(epoch from closed_until)::float8 * 1000 as until, closed_reason as reason,
            ceil(extract(epoch from closed_until - clock_timestamp()) * 1000)::float8 as "forMs"
     from buckets where project_id = any ($1::uuid[]) and closed_until > clock_timestamp()`,
    [projectIds],
  );
  return rows.map((row) => ({ ...row, until: new Date(row.until) }));
}
