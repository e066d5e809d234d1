import type { Logger } from 'pino';
import type { Database } from '../database/database.ts';
import { reportItem, type ItemStep } from '../database/sql/item-files/report-item.ts';
import type { ChunkRef } from '../domain/activities.ts';
import { toError } from '../domain/errors.ts';
import type { FileStageContext } from '../job-types/define-job-type.ts';

export interface ItemReports {
  /** For `process`. */
  report: FileStageContext['report'];
  /** Settles when the journal has what was told it. */
  told(): Promise<void>;
  /** Settles when nothing is written any more. */
  close(): Promise<void>;
}

export interface ItemReportsDeps {
  database: Database;
  log: Logger;
  chunk: ChunkRef;
  attempt: number;
  /** Name of the stage. */
  stage: string;
}

/** An item is told of at most this often, and only when it does something else or is so many percent further: a journal stays short. */
const everyMs = 1_000;
const leastPercent = 5;

/** Tells the journal how far items are. Progress is not worth an item: what cannot be told is left out. */
export function createItemReports({ database, log, chunk, attempt, stage }: ItemReportsDeps): ItemReports {
  const told = new Map<number, ItemStep>();
  const waiting = new Map<number, ItemStep>();
  let timer: NodeJS.Timeout | undefined;
  let telling = Promise.resolve();

  function tell(step: ItemStep): void {
    told.set(step.index, step);
    telling = telling
      .then(async () => void (await reportItem(database.pool, { chunk, attempt, stage, item: step })))
      .catch((thrown: unknown) => {
        log.debug({ event: 'report_failed', job_id: chunk.jobId, index: step.index, err: toError(thrown) });
      });
  }

  function tellWaiting(): void {
    const steps = [...waiting.values()];
    waiting.clear();
    for (const step of steps) tell(step);
  }

  return {
    report: ({ index, key }, { percent, step, warning }) => {
      const next = { index, key, percent: Math.min(Math.max(percent, 0), 100), step, warning: warning ?? null };
      const last = told.get(index);
      // The beginning is news, and a warning must not be lost to what comes behind it.
      if (!last || next.warning !== null) return tell(next);
      const isNews = next.step !== last.step || Math.abs(next.percent - last.percent) >= leastPercent;
      if (isNews) waiting.set(index, next);
      timer ??= setInterval(tellWaiting, everyMs);
    },
    told: () => telling,
    close: async () => {
      clearInterval(timer);
      await telling;
    },
  };
}
