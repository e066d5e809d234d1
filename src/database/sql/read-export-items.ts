import type { PoolClient } from 'pg';

/** An item as an export shows it. JSON stays text, so that no number of it changes. */
export interface ExportedItem {
  index: number;
  key: string;
  state: string;
  input: string;
  output: string | null;
  errorCode: string | null;
  errorField: string | null;
  errorMessage: string | null;
}

/**
 * Items `first`..`last`, both included, with how they ended. `openState` is the state of those that have not. A
 * page costs the same wherever it lies: "limit 1" makes each result a look-up by its key, whatever the planner knows of a young table.
 */
export async function readExportItems(
  client: PoolClient,
  page: { jobId: string; first: number; last: number; openState: string },
): Promise<ExportedItem[]> {
  const { rows } = await client.query<ExportedItem>(
    `select i.index::float8 as index, i.key, coalesce(r.state, $4) as state, i.payload::text as input, r.output::text as output,
            r.error_code as "errorCode", r.error_field as "errorField", r.error_message as "errorMessage"
     from items i
     left join lateral (select * from item_results where job_id = $1 and index = i.index limit 1) r on true
     where i.job_id = $1 and i.index between $2 and $3
     order by i.index`,
    [page.jobId, page.first, page.last, page.openState],
  );
  return rows;
}
