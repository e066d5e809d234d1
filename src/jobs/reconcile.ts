import type { Logger } from 'pino';
import type { Database } from '../database/database.ts';
import { findUnheardWork, type UnheardWork } from '../database/sql/find-unheard-work.ts';
import { toError } from '../domain/errors.ts';
import { warnOfDeadlines } from './guard-rails/warn-of-deadlines.ts';
import type { Line } from './line.ts';
import type { WorkflowStarter } from './workflow-starter.ts';

export interface Reconciler {
  stop(): Promise<void>;
}

const intervalMs = 2_000;
/** Work that stays quiet, as a chunk of slow items does, is asked about ever more seldom. */
const longestQuietMs = 300_000;

/**
 * Tells Temporal again what the database wants and Temporal may not know: submits and commands that were accepted while it
 * was away, and jobs whose workflow was lost. Any number of processes may do it: telling twice is harmless.
 */
export function startReconciler({
  database,
  workflows,
  line,
  log,
}: {
  database: Database;
  workflows: WorkflowStarter;
  line: Line;
  log: Logger;
}): Reconciler {
  const told = new Map<string, { nextAt: number; quietMs: number }>();
  let running: Promise<void> | null = null;

  async function reconcile(): Promise<void> {
    try {
      await warnOfDeadlines(database);
      const work = [...(await findUnheardWork(database.pool)), ...(await findStartable())];
      const present = new Set(work.map(keyOf));
      for (const key of told.keys()) if (!present.has(key)) told.delete(key);
      for (const each of work) await tell(each);
    } catch (thrown) {
      log.warn({ event: 'reconcile_failed', err: toError(thrown) });
    }
  }

  /** Jobs whose turn has come, or came when a worker died that should have told them. */
  async function findStartable(): Promise<UnheardWork[]> {
    return (await line.findStartable()).map((id) => ({ kind: 'JOB', id }));
  }

  async function tell(work: UnheardWork): Promise<void> {
    const now = Date.now();
    const before = told.get(keyOf(work));
    if (before && before.nextAt > now) return;
    const quietMs = Math.min((before?.quietMs ?? intervalMs) * 2, longestQuietMs);
    told.set(keyOf(work), { nextAt: now + quietMs, quietMs });
    log.info({ event: 'work_retold', kind: work.kind, id: work.id });
    if (work.kind === 'JOB') await workflows.wakeJob(work.id);
    else if (work.kind === 'EXPORT') await workflows.startExport(work.id);
    else await workflows.startPurge();
  }

  const timer = setInterval(() => {
    running ??= reconcile().finally(() => (running = null));
  }, intervalMs);
  return {
    stop: async () => {
      clearInterval(timer);
      await running;
    },
  };
}

function keyOf({ kind, id }: UnheardWork): string {
  return `${kind}:${id}`;
}
