import type { Job } from '../../database/entities/job.ts';
import type { WatchedJob } from '../../database/sql/read-watched-jobs.ts';
import { NotFoundError } from '../../domain/errors.ts';
import type { JobEvent } from '../../domain/job-event.ts';
import type { JobState } from '../../domain/job-state.ts';
import { createBell, type Bell } from './bell.ts';

/** Most entries that a channel keeps; who is further behind reads from the database. */
export const ringSize = 250;

/** What is known of one watched job, shared by all who watch it. */
export interface JobChannel {
  readonly jobId: string;
  readonly projectId: string;
  /** Of one snapshot: the job is in `state` after entry `lastSequence`. */
  readonly state: JobState;
  readonly lastSequence: number;
  readonly version: string;
  /** Entries up to this one are in the ring, or have been. */
  readonly cursor: number;
  /** The row, kept fresh while `rowReaders` is above 0. */
  row: { version: string; job: Job } | null;
  loading: Promise<void> | null;
  readers: number;
  rowReaders: number;
  readonly changed: Bell;
  /** Takes in what the database says now; undefined: the job is gone. Returns true when something changed. */
  apply(snapshot: WatchedJob | undefined): boolean;
  /** Entries that follow number `sequence`, as far as the ring has them. */
  entriesAfter(sequence: number, limit: number): JobEvent[];
  /** @throws NotFoundError once the job has been deleted */
  assertThere(): void;
}

/** A channel that begins behind the entries that the job has. */
export function createJobChannel(first: WatchedJob): JobChannel {
  let { state, lastSequence, version } = first;
  let cursor = first.lastSequence;
  let ring: JobEvent[] = [];
  let gone = false;

  function keep(events: readonly JobEvent[]): void {
    // Only what follows without a hole: a ring with a hole would lose entries for its readers.
    const fresh = events.filter((event) => event.sequence > cursor);
    ring = [...ring, ...fresh].slice(-ringSize);
    cursor = fresh.at(-1)?.sequence ?? cursor;
    if (lastSequence - cursor <= ringSize) return;
    // The job outruns the hub: start again at its end, and let the readers fetch what lies between.
    ring = [];
    cursor = lastSequence;
  }

  return {
    jobId: first.jobId,
    projectId: first.projectId,
    get state() {
      return state;
    },
    get lastSequence() {
      return lastSequence;
    },
    get version() {
      return version;
    },
    get cursor() {
      return cursor;
    },
    row: null,
    loading: null,
    readers: 0,
    rowReaders: 0,
    changed: createBell(),
    apply(snapshot) {
      if (snapshot === undefined || snapshot.deleted) {
        const news = !gone;
        gone = true;
        return news;
      }
      const changed = snapshot.version !== version || snapshot.lastSequence !== cursor;
      ({ state, lastSequence, version } = snapshot);
      keep(snapshot.events);
      return changed;
    },
    entriesAfter(sequence, limit) {
      const oldest = ring[0]?.sequence;
      if (oldest === undefined || sequence + 1 < oldest || sequence >= cursor) return [];
      const start = sequence + 1 - oldest;
      return ring.slice(start, start + limit);
    },
    assertThere() {
      if (gone) throw new NotFoundError(`Job ${first.jobId} was deleted.`);
    },
  };
}
