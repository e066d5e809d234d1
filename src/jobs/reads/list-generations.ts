import type { Database } from '../../database/database.ts';
import { GenerationEntity, type Generation } from '../../database/entities/generation.ts';
import type { Job } from '../../database/entities/job.ts';
import { isTerminal } from '../../domain/job-state.ts';
import { toItemCounts, type ItemCounts } from '../../domain/item-counts.ts';
import { firstRun } from '../first-run.ts';

/** A run of a job; `countsAfter` is null while it goes on. */
export interface GenerationView extends Generation {
  type: string;
  countsAfter: ItemCounts | null;
}

/** The runs of a job, the first one first. A job that was never retried has that one, as it was submitted. */
export async function listGenerations(database: Database, job: Job): Promise<GenerationView[]> {
  const stored = await database.em().find(GenerationEntity, { jobId: job.id }, { orderBy: { generation: 'asc' } });
  const rows = stored.length > 0 ? stored : [firstRun(job)];
  return rows.map((row, position) => ({
    ...row,
    type: job.type,
    countsAfter: rows[position + 1]?.countsBefore ?? (isTerminal(job.state) ? toItemCounts(job) : null),
  }));
}
