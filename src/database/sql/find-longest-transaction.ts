import type { Pool } from 'pg';

/** Says, for people, which other transaction of this database has been open for longest; null when there is none. */
export async function findLongestTransaction(pool: Pool): Promise<string | null> {
  const { rows } = await pool.query<{ description: string }>(
    `select format('the longest open transaction is that of process %s (%s, since %s)',
       pid, coalesce(nullif(application_name, ''), usename), to_char(xact_start at time zone 'UTC', 'HH24:MI:SS "UTC"')) as description
     from pg_stat_activity
     where datname = current_database() and pid <> pg_backend_pid() and xact_start is not null
     order by xact_start limit 1`,
  );
  return rows[0]?.description ?? null;
}
