import type { Job } from '../src/jobs/reads/job-reads.ts';
import { builder } from './builder.ts';
import { toGlobalId } from './global-id.ts';

/** The type `Job`, for others to refer to; job.ts says what is in it. */
export const JobNode = builder.objectRef<Job>('Job');

export const JobConnection = builder.connectionObject(
  { name: 'JobConnection', type: JobNode, description: 'A page of jobs.' },
  { name: 'JobEdge', description: 'A job in a page.' },
);

/** The global id of a job. */
export function jobGlobalId(jobId: string): string {
  return toGlobalId('Job', jobId);
}
