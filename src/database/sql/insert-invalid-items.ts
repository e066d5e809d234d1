import type { PoolClient } from 'pg';

/** An item that failed while it was read. */
export interface InvalidItem {
  index: number;
  code: string;
  field: string | null;
  message: string;
  fingerprint: string;
}

/** Ends items in the first stage; none of them was ever tried. */
export async function insertInvalidItems(
  client: PoolClient,
  jobId: string,
  items: readonly InvalidItem[],
): Promise<void> {
  if (items.length === 0) return;
  await client.query(
    `insert into item_results
       (job_id, index, stage, generation, attempts, state, error_code, error_field, error_message, fingerprint, duration_ms)
     select $1, i.index, 0, 0, 0, 'FAILED', i.code, i.field, i.message, i.fingerprint, 0
     from unnest($2::bigint[], $3::text[], $4::text[], $5::text[], $6::text[]) as i (index, code, field, message, fingerprint)`,
    [
      jobId,
      items.map((item) => item.index),
      items.map((item) => item.code),
      items.map((item) => item.field),
      items.map((item) => item.message),
      items.map((item) => item.fingerprint),
    ],
  );
}
