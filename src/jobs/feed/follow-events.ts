import type { Pool } from 'pg';
import { z } from 'zod';
import { readJobEvents } from '../../database/sql/read-job-events.ts';
import { assertSequence } from '../../domain/assert-sequence.ts';
import { NotFoundError } from '../../domain/errors.ts';
import type { JobEvent } from '../../domain/job-event.ts';
import { isTerminal } from '../../domain/job-state.ts';
import type { FeedHub } from './feed-hub.ts';

/** Entries that a reader holds at a time: from the shared ring, or from the database when it is behind that. */
const ringPage = 100;
const databasePage = 500;

export interface EventsRequest {
  hub: FeedHub;
  pool: Pool;
  projectId: string;
  jobId: string;
  afterSequence: number;
}

/** See `JobFeed.events`. The only state of a reader is the number of the entry that it got last. */
export async function* followEvents(
  request: EventsRequest,
  signal: AbortSignal,
): AsyncGenerator<JobEvent, void, undefined> {
  const { hub, pool, jobId } = request;
  assertSequence(request.afterSequence);
  assertJobId(jobId);
  const channel = await hub.watchJob(request.projectId, jobId, signal);
  try {
    let afterSequence = request.afterSequence;
    while (!signal.aborted) {
      hub.assertOpen();
      channel.assertThere();
      if (afterSequence >= channel.lastSequence) {
        if (isTerminal(channel.state)) return;
        await channel.changed.wait(signal);
        continue;
      }
      const after = afterSequence;
      const shared = channel.entriesAfter(after, ringPage);
      const entries =
        shared.length > 0
          ? shared
          : await hub.patiently(signal, () =>
              readJobEvents(pool, { jobId, afterSequence: after, limit: databasePage }),
            );
      // The journal is shorter than its job says only while a deleted job is purged.
      if (entries[0]?.sequence !== after + 1) throw new NotFoundError(`Job ${jobId} was deleted.`);
      for (const entry of entries) {
        if (signal.aborted) return;
        yield entry;
        afterSequence = entry.sequence;
      }
    }
  } finally {
    hub.leaveJob(channel);
  }
}

/** What is no UUID names no job; Postgres would refuse the statement. */
export function assertJobId(jobId: string): void {
  if (!z.guid().safeParse(jobId).success) throw new NotFoundError(`There is no job ${jobId}.`);
}
