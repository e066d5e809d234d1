import { setTimeout as delay } from 'node:timers/promises';
import type { Database } from '../../src/database/database.ts';
import { isOutage } from '../../src/database/is-outage.ts';
import { toError } from '../../src/domain/errors.ts';
import type { JobState } from '../../src/domain/job-state.ts';
import type { Report } from './report.ts';
import { runningJobs } from './scene.ts';

/** A job in one snapshot of the database, with what its counters must agree with. */
interface Sample {
  id: string;
  state: JobState;
  type: string;
  total: number;
  /** Pending, running and canceled items. */
  open: number;
  running: number;
  succeeded: number;
  failed: number;
  skipped: number;
  /** Results by their state. */
  results: { succeeded: number; failed: number; skipped: number };
  /** Entries of the ledger that the job made. */
  booked: number;
  lastSequence: number;
  entries: number;
  /** Number of the entry that brought the present state. */
  since: number;
}

export interface CountWatch {
  samples(): number;
  /** Pauses that were seen more than once, and stood still. */
  pauses(): number;
  stop(): Promise<void>;
}

/** Looks at all jobs again and again, on a connection of its own, and reports every snapshot in which something is lost or too much. */
export function watchCounts(database: Database, report: Report): CountWatch {
  const stopping = new AbortController();
  const paused = new Map<string, string>();
  const seen = { samples: 0, pauses: new Set<string>() };

  function check(sample: Sample): void {
    seen.samples += 1;
    const { id, results, total, open, succeeded, failed, skipped } = sample;
    const told = JSON.stringify(sample);
    if (open + succeeded + failed + skipped !== total) report(`Items of job ${id} are lost: ${told}`);
    if (results.succeeded !== succeeded || results.failed !== failed || results.skipped !== skipped)
      report(`Job ${id} counts other results than it has: ${told}`);
    if (sample.type === 'transactions' && sample.booked !== succeeded)
      report(`The ledger has another number of entries than job ${id} counts: ${told}`);
    if (sample.entries !== sample.lastSequence) report(`The journal of job ${id} has a gap: ${told}`);
    if (sample.state === 'PAUSED') checkPause(sample, told);
  }

  function checkPause(sample: Sample, told: string): void {
    const { id, since, running, results, booked } = sample;
    if (running > 0) report(`Job ${id} is PAUSED and runs: ${told}`);
    const pause = `${id} since ${since}`;
    const now = JSON.stringify({ results, booked });
    const before = paused.get(pause);
    if (before !== undefined) seen.pauses.add(pause);
    if (before !== undefined && before !== now) report(`Job ${id} is PAUSED and went on from ${before}: ${told}`);
    paused.set(pause, now);
  }

  async function watch(): Promise<void> {
    while (!stopping.signal.aborted) {
      try {
        const samples = await sample(database);
        for (const each of samples) check(each);
        const running = samples.filter(({ state }) => holdsPlace.has(state)).length;
        if (running > runningJobs) report(`${running} jobs run, and ${runningJobs} may.`);
      } catch (thrown) {
        const error = toError(thrown);
        if (!isOutage(error)) throw error;
      }
      await delay(100, undefined, { signal: stopping.signal }).catch(() => undefined);
    }
  }

  const watching = watch();
  return {
    samples: () => seen.samples,
    pauses: () => seen.pauses.size,
    stop: async () => {
      stopping.abort();
      await watching;
    },
  };
}

const holdsPlace: ReadonlySet<JobState> = new Set(['RUNNING', 'PAUSING', 'COMPLETING', 'CANCELING']);

async function sample(database: Database): Promise<Sample[]> {
  const { rows } = await database.pool.query<Sample>(
    `select id, state, type, total::int, (pending + running + canceled)::int as open, running::int,
            succeeded::int, failed::int, skipped::int, last_sequence::int as "lastSequence",
            (select jsonb_build_object('succeeded', count(*) filter (where r.state = 'SUCCEEDED'),
                                       'failed', count(*) filter (where r.state = 'FAILED'),
                                       'skipped', count(*) filter (where r.state = 'SKIPPED'))
             from item_results r where r.job_id = j.id) as results,
            (select count(*)::int from ledger_transactions l where l.job_id = j.id) as booked,
            (select count(*)::int from job_events e where e.job_id = j.id) as entries,
            (select coalesce(max(sequence), 0)::int from job_events e where e.job_id = j.id and e.type = 'JobStateChanged') as since
     from jobs j where state not in ('COMPLETED', 'CANCELED') or updated_at > now() - interval '2 s'`,
  );
  return rows;
}
