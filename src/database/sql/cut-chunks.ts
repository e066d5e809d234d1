import type { PoolClient } from 'pg';

/** Cuts all items of a job into chunks for its first item stage. Items that failed while they were read are not counted as remaining. */
export async function cutChunks(
  client: PoolClient,
  input: { jobId: string; stage: number; size: number; total: number; priority: number },
): Promise<void> {
  await client.query(
    `insert into chunks (job_id, stage, generation, index, first_item, last_item, state, priority, remaining)
     select $1, $2, 0, c.index, c.index * $3::bigint, least((c.index + 1) * $3::bigint, $4) - 1,
            case when ended.items = least($3::bigint, $4 - c.index * $3::bigint) then 'COMPLETED' else 'PENDING' end, $5,
            least($3::bigint, $4 - c.index * $3::bigint) - coalesce(ended.items, 0)
     from generate_series(0, (($4::bigint + $3 - 1) / $3) - 1) as c (index)
     left join (
       select index / $3::bigint as chunk, count(*) as items from item_results where job_id = $1 and state = 'FAILED' group by 1
     ) ended on ended.chunk = c.index`,
    [input.jobId, input.stage, input.size, input.total, input.priority],
  );
}
