import type { PoolClient } from 'pg';
import type { RedriveSelection } from '../../domain/redrive.ts';

export interface RedriveBatch {
  jobId: string;
  /** The redrive; only results of runs before it are taken back. */
  generation: number;
  selection: Exclude<RedriveSelection, { kind: 'CHUNKS' }>;
  /** Position of the first item stage. */
  stage: number;
  /** Items of a chunk. */
  size: number;
  /** Items of the batch, a multiple of `size`. */
  batch: number;
  priority: number;
  /** Index of the last item of the batch before; -1 for the first. */
  after: number;
}

export interface SelectedBatch {
  /** How many items; 0 when none is left. */
  items: number;
  /** Index of the last of them. */
  last: number;
}

/** Begins a statement that takes back the results of one batch of failed items; `gone` has their indexes. */
export const takeBackFailures = {
  sql: `gone as (
       delete from item_results
       where job_id = $1 and index in (
         select index from item_results
         where job_id = $1 and state = 'FAILED' and index > $7 and generation < $2
           and ($8::text is null or fingerprint = $8)
           and ($9::bigint[] is null or index = any($9))
         order by index limit $5
       )
       returning index
     )`,
  /** $1 to $9; $3, $4 and $6 are for the statement that it begins. */
  values: (input: RedriveBatch): unknown[] => [
    input.jobId,
    input.generation,
    input.stage,
    input.size,
    input.batch,
    input.priority,
    input.after,
    input.selection.kind === 'FINGERPRINT' ? input.selection.fingerprint : null,
    input.selection.kind === 'ITEMS' ? input.selection.indexes : null,
  ],
};

/** Makes one batch of failed items run again: their results go, they are PENDING, and chunks of a new generation hold them. */
export async function selectRedrive(client: PoolClient, input: RedriveBatch): Promise<SelectedBatch> {
  const { rows } = await client.query<SelectedBatch>(
    `with ${takeBackFailures.sql}, numbered as (
       select index, (row_number() over (order by index) - 1) / $4::int as chunk from gone
     ), cut as (
       insert into chunks (job_id, stage, generation, index, first_item, last_item, state, priority, remaining)
       select $1, $3, $2, chunk + (select coalesce(max(index) + 1, 0) from chunks where job_id = $1 and stage = $3 and generation = $2),
              min(index), max(index), 'PENDING', $6, count(*)
       from numbered group by chunk
       returning remaining, last_item
     )
     select coalesce(sum(remaining), 0)::float8 as items, coalesce(max(last_item), -1)::float8 as last from cut`,
    takeBackFailures.values(input),
  );
  return rows[0] ?? { items: 0, last: -1 };
}
