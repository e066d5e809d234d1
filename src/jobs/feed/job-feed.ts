import type { Logger } from 'pino';
import type { Database } from '../../database/database.ts';
import type { Export } from '../../database/entities/export.ts';
import type { Job } from '../../database/entities/job.ts';
import { NotFoundError } from '../../domain/errors.ts';
import type { JobFilter } from '../../domain/job-filter.ts';
import type { JobEvent } from '../../domain/job-event.ts';
import { canSee } from '../can-see.ts';
import type { Viewer } from '../commands.ts';
import { cancelable } from './cancelable.ts';
import { createFeedHub } from './feed-hub.ts';
import { followChanges } from './follow-changes.ts';
import { followEvents } from './follow-events.ts';
import { followExport } from './follow-export.ts';
import { followProgress } from './follow-progress.ts';

/**
 * Jobs as they go on, for any number of readers: docs/job-events.md is the protocol. Readers pull: a slow one is given
 * later values, never a growing buffer. `return()` and `signal` both end a reading at once. Postgres may restart meanwhile.
 * Jobs come without their `source`.
 */
export interface JobFeed {
  /**
   * Entries `afterSequence + 1`.. of the job's journal, each once and in order, then live; ends when the job has ended
   * and all is told. @throws NotFoundError, InvalidInputError, before the first value
   */
  events(viewer: Viewer, jobId: string, afterSequence: number, signal?: AbortSignal): AsyncIterableIterator<JobEvent>;
  /** The job now, then whenever it changed, at most every 100 ms; ends after a terminal state. @throws NotFoundError */
  progress(viewer: Viewer, jobId: string, signal?: AbortSignal): AsyncIterableIterator<Job>;
  /**
   * Jobs of the viewer's project, each time that their journal grew or they were deleted (`deletedAt`), the newest state of
   * each; never ends.
   */
  changes(viewer: Viewer, filter: JobFilter | null, signal?: AbortSignal): AsyncIterableIterator<Job>;
  /** The export now, then whenever it changed, at most every 100 ms; ends after a state in which it stays. @throws NotFoundError */
  exportProgress(viewer: Viewer, exportId: string, signal?: AbortSignal): AsyncIterableIterator<Export>;
  /** How many jobs, projects and exports are being watched: 0 when every reader has left. */
  readonly size: number;
  /** How old what readers know is at most, in milliseconds; 0 when nobody watches. */
  lagMs(): number;
  /** Close the sockets of the readers first: whoever still reads gets an error. */
  close(): Promise<void>;
}

/** The feed of one process; it has one hub for all who follow. */
export function createJobFeed({ database, log }: { database: Database; log: Logger }): JobFeed {
  const hub = createFeedHub({ database, log });
  return {
    events: (viewer, jobId, afterSequence, signal) => {
      const { projectId } = viewer;
      assertFollows(viewer, jobId);
      return cancelable(signal, (left) =>
        followEvents({ hub, pool: database.pool, projectId, jobId, afterSequence }, left),
      );
    },
    progress: (viewer, jobId, signal) => {
      assertFollows(viewer, jobId);
      return cancelable(signal, (left) => followProgress({ hub, projectId: viewer.projectId, jobId }, left));
    },
    changes: ({ projectId }, filter, signal) =>
      cancelable(signal, (left) => followChanges({ hub, projectId, filter }, left)),
    exportProgress: ({ projectId }, exportId, signal) =>
      cancelable(signal, (left) => followExport({ hub, projectId, exportId }, left)),
    get size() {
      return hub.size;
    },
    lagMs: hub.lagMs,
    close: () => hub.close(),
  };
}

/** Whether the project has the job is found out by those who watch it. */
function assertFollows(viewer: Viewer, jobId: string): void {
  if (!canSee(viewer, { id: jobId, projectId: viewer.projectId })) throw new NotFoundError(`There is no job ${jobId}.`);
}
