import { isTerminal, jobStates } from '../../domain/job-state.ts';
import { createLiveRegion } from '../terminal/live-region.ts';
import type { ApiClient } from './api-client.ts';
import { formatProgress, formatProgressLine } from './format-progress.ts';
import { followProgress, type JobSnapshot } from './operations.ts';

/** Draws the job's progress from its subscription until it has ended, or nobody wants to see it any more. */
export async function followJob(client: ApiClient, job: JobSnapshot, signal: AbortSignal): Promise<JobSnapshot> {
  const display = process.stdout.isTTY ? createBars() : createLines();
  let latest = job;
  try {
    const updates = client
      .subscribe(followProgress.document, { jobId: job.id }, followProgress.data)
      [Symbol.asyncIterator]();
    const stopped = new Promise<null>((resolve) =>
      signal.addEventListener('abort', () => resolve(null), { once: true }),
    );
    while (!signal.aborted) {
      const update = await Promise.race([updates.next(), stopped]);
      if (update === null || update.done) break;
      latest = update.value.jobProgress;
      display.show(latest);
      if (hasEnded(latest)) break;
    }
  } finally {
    display.end();
  }
  return latest;
}

interface Display {
  show(job: JobSnapshot): void;
  end(): void;
}

/** Bars that move in place; drawn at least each quarter of a second so that rates and times stay current. */
function createBars(): Display {
  const region = createLiveRegion(process.stdout);
  let latest: JobSnapshot | null = null;
  const draw = (): void => {
    if (latest !== null) region.draw(formatProgress(latest, { now: new Date(), columns: process.stdout.columns }));
  };
  const timer = setInterval(draw, 250);
  return {
    show: (job) => {
      latest = job;
      draw();
    },
    end: () => {
      clearInterval(timer);
      region.end();
    },
  };
}

/** A line for every twentieth of the way and every change of state or stage: for logs. */
function createLines(): Display {
  let shown = '';
  return {
    show: (job) => {
      const stage = job.stages.find((candidate) => candidate.state === 'RUNNING')?.name ?? '';
      const step = `${job.state} ${stage} ${Math.floor(job.progress.percent / 5)}`;
      if (step === shown) return;
      shown = step;
      console.log(formatProgressLine(job));
    },
    end: () => undefined,
  };
}

function hasEnded(job: JobSnapshot): boolean {
  const state = jobStates.find((candidate) => candidate === job.state);
  return state !== undefined && isTerminal(state);
}
