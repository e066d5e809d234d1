import type { Pool } from 'pg';

/** Kept by Postgres itself, whoever claims and however he dies: who runs items of which value from when to when. */
export interface KeyLedger {
  /** The most chunks that ran items of one value at the same time, and the most chunks that ran at all. */
  mostAtOnce(): Promise<{ ofOneValue: number; chunks: number }>;
}

/** Begins a ledger of the chunks of all jobs by the field `field` of their items. */
export async function keepKeyLedger(pool: Pool, field: string): Promise<KeyLedger> {
  await pool.query(`
    create table key_ledger (number bigserial, change text, value text, step int);
    create function keep_key_ledger() returns trigger language plpgsql as $$
    begin
      insert into key_ledger (change, value, step)
      select distinct concat_ws('/', new.job_id, new.stage, new.generation, new.index, new.attempt, new.state), i.payload ->> '${field}',
        case when new.state = 'RUNNING' then 1 else -1 end
      from items i
      where i.job_id = new.job_id
        and i.index = any(coalesce(new.item_list, array(select generate_series(new.first_item, new.last_item))));
      return new;
    end $$;
    create trigger keep_key_ledger after update of state on chunks for each row
      when ((old.state = 'RUNNING') <> (new.state = 'RUNNING')) execute function keep_key_ledger()`);
  return {
    mostAtOnce: async () => {
      const { rows } = await pool.query<{ ofOneValue: number; chunks: number }>(
        `select max(of_value)::int as "ofOneValue", max(chunks)::int as chunks
         from (
           select sum(step) filter (where value is not null) over (partition by value order by number) as of_value,
                  sum(step) filter (where is_first) over (order by number) as chunks
           from (
             select *, row_number() over (partition by change order by number) = 1 as is_first from key_ledger
           ) step
         ) steps`,
      );
      return rows[0] ?? { ofOneValue: 0, chunks: 0 };
    },
  };
}
