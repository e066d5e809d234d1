/** In a lateral join: the results in job $1 of the items that failed in chunk `c`, and have not run again since. */
export const failedOfChunk = (c: string) => `(
         select r.* from item_results r
         where ${c}.item_list is null and r.job_id = $1 and r.state = 'FAILED' and r.index between ${c}.first_item and ${c}.last_item
           and r.stage = ${c}.stage and r.generation = ${c}.generation
         union all
         select r.* from unnest(${c}.item_list) as member (index) join item_results r on r.job_id = $1 and r.index = member.index
         where r.state = 'FAILED' and r.stage = ${c}.stage and r.generation = ${c}.generation
       )`;
