import type { Pool } from 'pg';

export interface QueueRow {
  /** State of the jobs. */
  state: string;
  jobs: number;
  /** Items of these jobs that have not ended, of what was ingested so far. */
  items: number;
}

/** What is to be done over all projects, by the state of the jobs; reads unfinished jobs only, by their index. */
export async function countQueue(pool: Pool): Promise<QueueRow[]> {
  const { rows } = await pool.query<QueueRow>({
    name: 'count-queue',
    text: `
      select state, count(*)::int as jobs, sum(pending + running)::float8 as items
      from jobs
      where state not in ('COMPLETED', 'CANCELED', 'FAILED') and deleted_at is null
      group by state`,
  });
  return rows;
}
