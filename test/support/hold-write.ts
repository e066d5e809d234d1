import type { Pool } from 'pg';
import { waitFor } from './wait-for.ts';

/** Somebody's transaction, held in the middle: what it wrote before is not committed. */
export interface HeldWrite extends AsyncDisposable {
  /** Settles when so many transactions have come to the write, one unless told otherwise. */
  reached(transactions?: number): Promise<void>;
}

/** Any number that nothing else in the test's database locks by. */
const holdLock = 414_141;

/**
 * Lets nobody past writes to `table` for which `condition` over the row `new` holds, or `old` where deletes are held, until it is
 * disposed of.
 */
export async function holdWrite(
  pool: Pool,
  table: string,
  condition: string,
  writes: 'insert or update' | 'delete' = 'insert or update',
): Promise<HeldWrite> {
  const holder = await pool.connect();
  await holder.query('select pg_advisory_lock($1)', [holdLock]);
  await holder.query(`
    create function hold_write() returns trigger language plpgsql as $$
    begin
      perform pg_advisory_xact_lock(${holdLock});
      return case when tg_op = 'DELETE' then old else new end;
    end $$;
    create trigger hold_write before ${writes} on ${table} for each row when (${condition}) execute function hold_write()`);
  return {
    reached: async (transactions = 1) => {
      await waitFor(
        async () => {
          const { rowCount } = await holder.query(
            `select from pg_locks where locktype = 'advisory' and objid = $1 and not granted
               and database = (select oid from pg_database where datname = current_database())`,
            [holdLock],
          );
          return (rowCount ?? 0) >= transactions;
        },
        { description: `a write to ${table} where ${condition}`, timeoutMs: 60_000 },
      );
    },
    [Symbol.asyncDispose]: async () => {
      await holder.query('select pg_advisory_unlock($1)', [holdLock]);
      await holder.query(`drop trigger hold_write on ${table}; drop function hold_write`);
      holder.release();
    },
  };
}
