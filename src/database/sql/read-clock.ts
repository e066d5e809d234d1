import type { PoolClient } from 'pg';

/** The database's clock, in milliseconds since 1970. */
export async function readClock(client: PoolClient): Promise<number> {
  const { rows } = await client.query<{ now: number }>(
    'select extract(epoch from clock_timestamp())::float8 * 1000 as now',
  );
  return rows[0]?.now ?? 0;
}
