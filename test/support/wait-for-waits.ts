import type { Pool } from 'pg';
import { waitFor } from './wait-for.ts';

/** Postgres looks for deadlocks a second after a wait began, and then no more: whoever comes into one later is the one that is broken off. */
export const lookedForDeadlocksMs = 1_500;

/** Until so many in this database wait for a lock of others, each for so long. */
export async function waitForWaits(pool: Pool, { count, forMs }: { count: number; forMs: number }): Promise<void> {
  await waitFor(async () => {
    const { rowCount } = await pool.query(
      `select from pg_locks l join pg_stat_activity a using (pid)
       where not l.granted and a.datname = current_database() and l.waitstart < clock_timestamp() - make_interval(secs => $1)`,
      [forMs / 1_000],
    );
    return rowCount === count;
  });
}
