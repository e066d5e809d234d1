import type { Job } from '../../database/entities/job.ts';
import { matchesFilter, type JobFilter } from '../../domain/job-filter.ts';
import type { FeedHub } from './feed-hub.ts';

/** Changes that a reader holds at a time. */
const page = 100;

/** See `JobFeed.changes`. The only state of a reader is the number of the change that it got last. */
export async function* followChanges(
  request: { hub: FeedHub; projectId: string; filter: JobFilter | null },
  signal: AbortSignal,
): AsyncGenerator<Job, void, undefined> {
  const { hub, filter } = request;
  const channel = await hub.watchProject(request.projectId, signal);
  try {
    let number = channel.lastNumber;
    while (!signal.aborted) {
      hub.assertOpen();
      const changes = channel.changesAfter(number, page);
      if (changes.length === 0) await channel.changed.wait(signal);
      for (const change of changes) {
        if (signal.aborted) return;
        number = change.number;
        if (!filter || matchesFilter(change.job, filter)) yield change.job;
      }
    }
  } finally {
    hub.leaveProject(channel);
  }
}
