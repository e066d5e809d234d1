import type { FilterQuery } from '@mikro-orm/postgresql';
import type { Job } from '../database/entities/job.ts';
import type { Viewer } from './commands.ts';

/** True when the job is of the viewer's project and, with a follow token, the one that it is for. */
export function canSee(viewer: Viewer, job: { id: string; projectId: string }): boolean {
  return job.projectId === viewer.projectId && (viewer.jobId === null || viewer.jobId === job.id);
}

/** The same as a condition on jobs; deleted ones nobody sees. */
export function visibleJobs({ projectId, jobId }: Viewer): FilterQuery<Job> {
  return { projectId, deletedAt: null, ...(jobId === null ? {} : { id: jobId }) };
}
