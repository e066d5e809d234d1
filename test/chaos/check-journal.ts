import type { Database } from '../../src/database/database.ts';
import type { JobEventType } from '../../src/domain/job-event.ts';
import type { Counts, EndedJob } from './check-job.ts';
import type { Report } from './report.ts';
import { isSequence } from './sequence.ts';

interface Entry {
  sequence: number;
  type: JobEventType;
  data: { from?: string; to?: string; counts?: Counts };
}

export async function readJournal(database: Database, jobId: string): Promise<Entry[]> {
  const { rows } = await database.pool.query<Entry>(
    'select sequence::int, type, data from job_events where job_id = $1 order by sequence',
    [jobId],
  );
  return rows;
}

/** What may stand in the journal of a paused job: nothing that was done to its items. */
const quiet: ReadonlySet<JobEventType> = new Set([
  'JobStateChanged',
  'LimitsChanged',
  'DeadlineApproaching',
  'ExportProgressed',
  'ExportCompleted',
  'ExportFailed',
]);

/** Numbered 1..N, states that follow one another, counts that are conserved, and nothing done in a pause. */
export function checkJournal(journal: readonly Entry[], job: EndedJob, complain: Report): void {
  if (
    !isSequence(
      journal.map(({ sequence }) => sequence),
      journal.length,
    )
  )
    complain('its journal is not numbered 1..N');
  let state: string | undefined = 'PENDING';
  let counts: Counts | undefined;
  for (const { sequence, type, data } of journal) {
    if (state === 'PAUSED' && !quiet.has(type)) complain(`entry ${sequence}, ${type}, was written while it was PAUSED`);
    if (type === 'JobStateChanged') {
      if (data.from !== state) complain(`entry ${sequence} goes from ${data.from}, and the state was ${state}`);
      state = data.to;
    }
    if (data.counts === undefined) continue;
    counts = data.counts;
    const { total, ...parts } = counts;
    if (Object.values(parts).reduce((sum, items) => sum + items, 0) !== total)
      complain(`entry ${sequence} tells of ${JSON.stringify(counts)}`);
  }
  if (state !== job.state) complain(`its journal ends in ${state}, and its state is ${job.state}`);
  const { succeeded, failed, skipped } = job;
  if (counts && (counts.succeeded !== succeeded || counts.failed !== failed || counts.skipped !== skipped))
    complain(`its last entry tells of ${JSON.stringify(counts)}, and it counts ${JSON.stringify(job)}`);
}
