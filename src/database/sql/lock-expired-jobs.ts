import type { PoolClient } from 'pg';

/**
 * Locks up to `limit` jobs whose time after their end is over, `ttlMs` where their project says nothing. Those with exports that
 * are being written or can still be downloaded stay; those that somebody else has locked are passed over.
 */
export async function lockExpiredJobs(
  client: PoolClient,
  { ttlMs, limit }: { ttlMs: number | null; limit: number },
): Promise<string[]> {
  const { rows } = await client.query<{ id: string }>(
    `select id from jobs
     where id in (
       select due.id from projects p cross join lateral (
         select j.id from jobs j
         where j.project_id = p.id and j.deleted_at is null
           and j.completed_at <= now() - make_interval(secs => coalesce(p.job_ttl_ms, $1) / 1000.0)
           and not exists (
             select from exports e
             where e.job_id = j.id and (e.state in ('PENDING', 'RUNNING') or e.state = 'COMPLETED' and e.expires_at > now())
           )
         order by j.completed_at limit $2
       ) due
       where coalesce(p.job_ttl_ms, $1) is not null
       limit $2
     ) and completed_at is not null and deleted_at is null
     for update skip locked`,
    [ttlMs, limit],
  );
  return rows.map(({ id }) => id);
}
