import type { Job } from '../../database/entities/job.ts';
import type { JobState } from '../../domain/job-state.ts';
import type { FeedHub } from './feed-hub.ts';

/** Which jobs `changes` tells of; what is left out restricts nothing. */
export interface ChangesFilter {
  states?: readonly JobState[] | undefined;
  types?: readonly string[] | undefined;
}

/** Changes that a reader holds at a time. */
const page = 100;

/** See `JobFeed.changes`. The only state of a reader is the number of the change that it got last. */
export async function* followChanges(
  request: { hub: FeedHub; projectId: string; filter: ChangesFilter },
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
        if (matches(change.job, filter)) yield change.job;
      }
    }
  } finally {
    hub.leaveProject(channel);
  }
}

function matches(job: Job, filter: ChangesFilter): boolean {
  if (filter.states && !filter.states.includes(job.state)) return false;
  return !filter.types || filter.types.includes(job.type);
}
