import type { Generation } from '../database/entities/generation.ts';
import type { Job } from '../database/entities/job.ts';

/** What a job that was never retried was asked to do, as it was submitted: stored with its first retry. */
export function firstRun(job: Job): Generation {
  return {
    jobId: job.id,
    generation: 0,
    by: job.createdBy ?? null,
    at: job.createdAt,
    selection: null,
    selected: null,
    options: job.options,
    itemsPerSecond: job.itemsPerSecond ?? null,
    countsBefore: null,
  };
}
