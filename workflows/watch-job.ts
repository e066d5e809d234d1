import { condition } from '@temporalio/workflow';
import { mayGoOn } from './activities.ts';

/** Learns that a job is to stop while its chunks wait for workers. */
export interface JobWatch {
  isStopping(): boolean;
  end(): void;
}

/** Asks the database whenever the job was woken. `wakes` counts that. */
export function watchJob(jobId: string, wakes: () => number): JobWatch {
  let seen = wakes();
  let isStopping = false;
  let isOver = false;

  async function watch(): Promise<void> {
    for (;;) {
      await condition(() => isOver || wakes() > seen);
      if (isOver) return;
      seen = wakes();
      isStopping = !(await mayGoOn({ jobId }));
      if (isStopping) return;
    }
  }
  // A workflow that is canceled ends with what it waits for, which is not this.
  watch().catch(() => undefined);

  return {
    isStopping: () => isStopping,
    end: () => {
      isOver = true;
    },
  };
}
