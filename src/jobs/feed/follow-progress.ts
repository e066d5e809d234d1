import type { Job } from '../../database/entities/job.ts';
import { isTerminal } from '../../domain/job-state.ts';
import { hubIntervalMs, type FeedHub } from './feed-hub.ts';
import { assertJobId } from './follow-events.ts';
import { pause } from './pause.ts';

/** See `JobFeed.progress`. A reader takes the newest row when it is ready for one; rows between are left out. */
export async function* followProgress(
  request: { hub: FeedHub; projectId: string; jobId: string },
  signal: AbortSignal,
): AsyncGenerator<Job, void, undefined> {
  const { hub, jobId } = request;
  assertJobId(jobId);
  const channel = await hub.watchJob(request.projectId, jobId, signal);
  channel.rowReaders += 1;
  try {
    await hub.loadRow(channel, signal);
    let told: Job | null = null;
    while (!signal.aborted) {
      hub.assertOpen();
      channel.assertThere();
      const job: Job | null = channel.row?.job ?? null;
      if (job === null || job === told) {
        await channel.changed.wait(signal);
        continue;
      }
      yield job;
      if (isTerminal(job.state)) return;
      told = job;
      await pause(hubIntervalMs, signal);
    }
  } finally {
    channel.rowReaders -= 1;
    hub.leaveJob(channel);
  }
}
