import type { Job } from '../../database/entities/job.ts';
import type { JobSequence } from '../../database/sql/read-job-sequences.ts';
import { LimitExceededError } from '../../domain/errors.ts';
import { createBell, type Bell } from './bell.ts';

/** Most changed jobs that are kept for readers who are behind: the last change of each. */
const keptChanges = 5_000;

/** One change of a job; numbers grow within the project's channel. */
export interface JobChange {
  number: number;
  job: Job;
}

/** The changes in one project's jobs, shared by all who follow them. */
export interface ProjectChannel {
  readonly projectId: string;
  readonly lastNumber: number;
  readers: number;
  readonly changed: Bell;
  /** Jobs that went on, or were deleted, since `remember`. */
  moved(present: readonly JobSequence[]): string[];
  remember(present: readonly JobSequence[]): void;
  push(jobs: readonly Job[]): void;
  /** @throws LimitExceededError when changes were forgotten that this reader has not seen */
  changesAfter(number: number, limit: number): JobChange[];
}

/** A channel that begins behind the changes that the jobs of the project have. */
export function createProjectChannel(projectId: string, first: readonly JobSequence[]): ProjectChannel {
  let known = byJob(first);
  let lastNumber = 0;
  let forgotten = 0;
  /** By job, the oldest change first: a newer change of a job takes the place of its older one. */
  const changes = new Map<string, JobChange>();

  return {
    projectId,
    get lastNumber() {
      return lastNumber;
    },
    readers: 0,
    changed: createBell(),
    moved: (present) =>
      present
        .filter(({ jobId, lastSequence, deleted }) => {
          const before = known.get(jobId);
          return before?.lastSequence !== lastSequence || before.deleted !== deleted;
        })
        .map(({ jobId }) => jobId),
    remember(present) {
      known = byJob(present);
    },
    push(jobs) {
      for (const job of jobs) {
        lastNumber += 1;
        changes.delete(job.id);
        changes.set(job.id, { number: lastNumber, job });
      }
      for (const [jobId, change] of changes) {
        if (changes.size <= keptChanges) break;
        forgotten = change.number;
        changes.delete(jobId);
      }
    },
    changesAfter(number, limit) {
      if (number < forgotten) {
        throw new LimitExceededError(
          `This reader is more than ${keptChanges} changed jobs behind. Subscribe again and read the list again.`,
          { limit: keptChanges },
        );
      }
      const found: JobChange[] = [];
      for (const change of changes.values()) {
        if (change.number > number) found.push(change);
        if (found.length === limit) break;
      }
      return found;
    },
  };
}

function byJob(sequences: readonly JobSequence[]): Map<string, JobSequence> {
  return new Map(sequences.map((job) => [job.jobId, job]));
}
