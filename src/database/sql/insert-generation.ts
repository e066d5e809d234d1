import type { PoolClient } from 'pg';
import type { Generation } from '../entities/generation.ts';

/** Keeps what a run of a job was asked to do; one that is known already stays as it is. */
export async function insertGeneration(client: PoolClient, row: Generation): Promise<void> {
  await client.query(
    `insert into generations (job_id, generation, by, at, selection, selected, options, items_per_second, counts_before)
     values ($1, $2, $3, $4, $5, $6, $7, $8, $9)
     on conflict do nothing`,
    [
      row.jobId,
      row.generation,
      toJson(row.by),
      row.at,
      toJson(row.selection),
      row.selected,
      toJson(row.options),
      row.itemsPerSecond ?? null,
      toJson(row.countsBefore),
    ],
  );
}

function toJson(value: unknown): string | null {
  return value === null || value === undefined ? null : JSON.stringify(value);
}
