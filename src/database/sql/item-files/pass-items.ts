import type { PoolClient } from 'pg';
import type { ChunkRef } from '../../../domain/activities.ts';

/** Keeps what items pass on to the next stage, as JSON text or null, in place of what the stage before had passed on. Part of the commit of their chunk. */
export async function passItems(
  client: PoolClient,
  {
    chunk,
    attempt,
    items,
  }: { chunk: ChunkRef; attempt: number; items: readonly { index: number; data: string | null }[] },
): Promise<void> {
  await client.query({
    name: 'pass-items',
    text: `insert into open_items (job_id, index, generation, stage, chunk, attempt, data)
           select $1, i.index, $3, $2, $4, $5, i.data from unnest($6::bigint[], $7::jsonb[]) as i (index, data)
           on conflict (job_id, index) do update set
             generation = excluded.generation, stage = excluded.stage, chunk = excluded.chunk, attempt = excluded.attempt,
             data = excluded.data, percent = 0, step = null, updated_at = now()`,
    values: [
      chunk.jobId,
      chunk.stage,
      chunk.generation,
      chunk.index,
      attempt,
      items.map(({ index }) => index),
      items.map(({ data }) => data),
    ],
  });
}
