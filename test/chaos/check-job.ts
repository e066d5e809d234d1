import { getUuid } from '../../schema/global-id.ts';
import type { Database } from '../../src/database/database.ts';
import type { Expectation } from './actors.ts';
import { checkExports } from './check-exports.ts';
import { checkJournal, readJournal } from './check-journal.ts';
import type { Client } from './client.ts';
import type { Report } from './report.ts';
import { isSequence, toRuns } from './sequence.ts';

/** The ledger outside: everything that must be true of a job once it has ended, read from the tables and from what clients got. */
export async function checkJob(
  { client, database, report }: { client: Client; database: Database; report: Report },
  expected: Expectation,
  followers: readonly (readonly number[])[],
): Promise<void> {
  const jobId = getUuid('Job', expected.jobId);
  const complain: Report = (violation) => report(`Job ${jobId}: ${violation}`);
  const job = await readJob(database, jobId);
  checkEnd(job, expected, complain);
  const journal = await readJournal(database, jobId);
  checkJournal(journal, job, complain);
  for (const [index, received] of followers.entries())
    if (!isSequence(received, journal.length))
      complain(`follower ${index} got ${toRuns(received)} of ${journal.length} entries`);
  await checkResults(database, jobId, complain);
  await checkExports(client, database, expected.jobId, complain);
}

export type Counts = Record<'total' | 'pending' | 'running' | 'succeeded' | 'failed' | 'skipped' | 'canceled', number>;

export interface EndedJob extends Counts {
  state: string;
  type: string;
  openChunks: number;
}

async function readJob(database: Database, jobId: string): Promise<EndedJob> {
  const { rows } = await database.pool.query<EndedJob>(
    `select state, type, total::int, pending::int, running::int, succeeded::int, failed::int, skipped::int, canceled::int,
            (select count(*)::int from chunks c where c.job_id = j.id and c.state in ('PENDING', 'RUNNING')) as "openChunks"
     from jobs j where id = $1`,
    [jobId],
  );
  if (!rows[0]) throw new Error(`There is no job ${jobId}.`);
  return rows[0];
}

function checkEnd(job: EndedJob, { states, counts }: Expectation, complain: Report): void {
  if (!states.some((state) => state === job.state)) complain(`ended ${job.state} instead of ${states.join(' or ')}`);
  for (const [name, count] of Object.entries(counts)) {
    const found = new Map<string, unknown>(Object.entries(job)).get(name);
    if (found !== count) complain(`has ${name} ${String(found)} instead of ${count}`);
  }
  if (job.pending + job.running + job.openChunks > 0) complain(`has ended and is not done: ${JSON.stringify(job)}`);
}

/** One result for each item that ended, one ledger entry for each transaction that succeeded, and nothing else. */
async function checkResults(database: Database, jobId: string, complain: Report): Promise<void> {
  const { rows } = await database.pool.query<Record<string, number>>(
    `select (select count(*)::int from items i left join item_results r on r.job_id = i.job_id and r.index = i.index
             where i.job_id = j.id and r.index is null) - j.canceled::int as "items without a result",
            (select count(*)::int from item_results r left join items i on i.job_id = r.job_id and i.index = r.index
             where r.job_id = j.id and i.index is null) as "results without an item",
            (select count(*) - count(distinct index) from item_results r where r.job_id = j.id)::int as "items with several results",
            (select j.succeeded - count(*) from item_results r where r.job_id = j.id and r.state = 'SUCCEEDED')::int as "successes without a result",
            (select j.failed - count(*) from item_results r where r.job_id = j.id and r.state = 'FAILED')::int as "failures without a result",
            (select j.skipped - count(*) from item_results r where r.job_id = j.id and r.state = 'SKIPPED')::int as "skipped items without a result",
            case when j.type = 'transactions' then
              (select count(*)::int from item_results r full join ledger_transactions l on l.job_id = r.job_id and l.item_index = r.index
               where coalesce(r.job_id, l.job_id) = j.id and (l.id is null) = (coalesce(r.state, '') = 'SUCCEEDED'))
            else 0 end as "bookings that are no successes, or the other way round",
            (select coalesce(sum((e.data ->> 'selected')::int), 0)::int from job_events e where e.job_id = j.id and e.type = 'JobRedriven' and (e.data ->> 'generation')::int = j.generation)
              - (select count(*)::int from item_results r where r.job_id = j.id and r.generation = j.generation and j.generation > 0) as "items of the last redrive without a result"
     from jobs j where id = $1`,
    [jobId],
  );
  for (const [problem, count] of Object.entries(rows[0] ?? {})) if (count !== 0) complain(`${problem}: ${count}`);
}
