import type { Pool } from 'pg';
import type { ChunkRef } from '../../../domain/activities.ts';
import { gate, isInside } from '../job-gate.ts';

export interface ItemStep {
  index: number;
  key: string;
  percent: number;
  step: string;
  warning: string | null;
}

/** Notes how far an item is, in its row and in the journal. False when the attempt does not hold the chunk any more: nothing is written. */
export async function reportItem(
  pool: Pool,
  { chunk, attempt, stage, item }: { chunk: ChunkRef; attempt: number; stage: string; item: ItemStep },
): Promise<boolean> {
  const { rowCount } = await pool.query({
    name: 'report-item',
    text: `with ${gate}, fence as (
             select from chunks
             where job_id = $1 and stage = $2 and generation = $3 and index = $4 and attempt = $5 and state = 'RUNNING' and ${isInside}
             for no key update
           ), noted as (
             insert into open_items (job_id, index, generation, stage, chunk, attempt, percent, step)
             select $1, $6, $3, $2, $4, $5, $8, $9 from fence
             on conflict (job_id, index) do update set
               generation = excluded.generation, stage = excluded.stage, chunk = excluded.chunk, attempt = excluded.attempt,
               percent = excluded.percent, step = excluded.step, updated_at = now()
             returning 1
           ), job as (
             update jobs set last_sequence = last_sequence + 1, updated_at = clock_timestamp()
             from noted where id = $1
             returning last_sequence
           )
           insert into job_events (job_id, sequence, type, data, at)
           select $1, last_sequence, 'ItemProgressed',
             jsonb_build_object('stage', $11::text, 'generation', $3::int, 'index', $6::bigint, 'key', $7::text, 'percent', $8::float8,
               'step', $9::text, 'warning', $10::text),
             clock_timestamp()
           from job`,
    values: [
      chunk.jobId,
      chunk.stage,
      chunk.generation,
      chunk.index,
      attempt,
      item.index,
      item.key,
      item.percent,
      item.step,
      item.warning,
      stage,
    ],
  });
  return rowCount === 1;
}
