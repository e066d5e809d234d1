import type { PoolClient } from 'pg';

/** Cuts the items of a job from `firstItem` up to `endItem`, not included, into chunks for its first item stage; `firstIndex` is that of the first chunk. Items that failed while they were read are not counted as remaining. */
export async function cutChunks(
  client: PoolClient,
  input: {
    jobId: string;
    stage: number;
    size: number;
    firstItem: number;
    endItem: number;
    firstIndex: number;
    priority: number;
  },
): Promise<void> {
  await client.query(
    `insert into chunks (job_id, stage, generation, index, first_item, last_item, state, priority, remaining)
     select $1, $2, 0, $7::int + c.index, c.first, c.last,
            case when ended.items = c.last - c.first + 1 then 'COMPLETED' else 'PENDING' end, $5,
            c.last - c.first + 1 - coalesce(ended.items, 0)
     from (
       select index, $6::bigint + index * $3::bigint as first, least($6::bigint + (index + 1) * $3::bigint, $4) - 1 as last
       from generate_series(0, (($4::bigint - $6::bigint + $3 - 1) / $3) - 1) as cut (index)
     ) c
     left join (
       select (index - $6::bigint) / $3::bigint as chunk, count(*) as items from item_results
       where job_id = $1 and state = 'FAILED' and index >= $6::bigint and index < $4::bigint group by 1
     ) ended on ended.chunk = c.index`,
    [input.jobId, input.stage, input.size, input.endItem, input.priority, input.firstItem, input.firstIndex],
  );
}
