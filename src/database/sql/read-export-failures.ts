import type { PoolClient } from 'pg';
import type { ExportedItem } from './read-export-items.ts';

/** The next failed items behind `after`. Each is looked up by its key: "limit 1" keeps the planner from joining whole tables. */
export async function readExportFailures(
  client: PoolClient,
  page: { jobId: string; after: number; limit: number },
): Promise<ExportedItem[]> {
  const { rows } = await client.query<ExportedItem>(
    `select r.index::float8 as index, i.key, r.state, i.input, r.output::text as output,
            r.error_code as "errorCode", r.error_field as "errorField", r.error_message as "errorMessage"
     from (
       select * from item_results
       where job_id = $1 and state = 'FAILED' and index > $2
       order by index limit $3
     ) r
     cross join lateral (
       select key, payload::text as input from items where job_id = $1 and items.index = r.index limit 1
     ) i
     order by r.index`,
    [page.jobId, page.after, page.limit],
  );
  return rows;
}
