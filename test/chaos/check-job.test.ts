import { afterAll, beforeAll, expect, test } from 'vitest';
import { toGlobalId } from '../../schema/global-id.ts';
import { startTestApi, type TestApi } from '../support/api.ts';
import { checkJob } from './check-job.ts';
import { createChaosClient } from './client.ts';

let api: TestApi;
const leaving = new AbortController();

beforeAll(async () => {
  api = await startTestApi();
  await api.engine.startWorker();
});
afterAll(async () => {
  leaving.abort();
  await api.close();
});

/** Of ten transactions one is refused; the rest is booked. */
async function runBookings(): Promise<string> {
  const name = crypto.randomUUID();
  const items = Array.from({ length: 10 }, (_, index) => ({
    reference: `${name}-${index}`,
    account: 'A',
    amount: '1.00',
    currency: index === 7 ? 'NOPE' : 'EUR',
    occurredAt: '2026-01-02',
  }));
  const { id } = await api.engine.submit({ type: 'transactions', source: { kind: 'inline', items } }, 0);
  await api.engine.reach(id, 'COMPLETED');
  return id;
}

async function findViolations(jobId: string, followers: number[][] = []): Promise<string[]> {
  const found: string[] = [];
  const report = (violation: string) => found.push(violation.replace(`Job ${jobId}: `, ''));
  await checkJob(
    { client: createChaosClient(api, report, leaving.signal), database: api.engine.services.database, report },
    { jobId: toGlobalId('Job', jobId), states: ['COMPLETED'], counts: { total: 10, succeeded: 9, failed: 1 } },
    followers,
  );
  return found;
}

test('a job that went well has no violations', async () => {
  const jobId = await runBookings();
  const { lastSequence } = await api.engine.getJob(jobId);
  expect(await findViolations(jobId, [Array.from({ length: lastSequence }, (_, index) => index + 1)])).toEqual([]);
});

test('a follower who missed an entry is one', async () => {
  const jobId = await runBookings();
  const { lastSequence } = await api.engine.getJob(jobId);
  expect(await findViolations(jobId, [[1, 2, 4]])).toEqual([`follower 0 got 1..2, 4..4 of ${lastSequence} entries`]);
});

test.each([
  [
    'a result that is lost',
    'delete from item_results where job_id = $1 and index = 3',
    [
      'items without a result: 1',
      'successes without a result: 1',
      'bookings that are no successes, or the other way round: 1',
    ],
  ],
  [
    'an effect that nobody counted',
    `insert into ledger_transactions (project_id, job_id, item_index, reference, account, amount, currency, occurred_at)
     select project_id, id, 7, id::text, 'A', 1, 'EUR', now() from jobs where id = $1`,
    ['bookings that are no successes, or the other way round: 1'],
  ],
  [
    'an entry that is lost',
    `delete from job_events where job_id = $1 and type = 'StageStarted' and data ->> 'stage' = 'INSERT'`,
    ['its journal is not numbered 1..N'],
  ],
  [
    'an end that is none',
    `update chunks set state = 'RUNNING' where job_id = $1 and stage = 2`,
    [expect.stringContaining('has ended and is not done')],
  ],
])('%s is one', async (_, plant, violations) => {
  const jobId = await runBookings();
  await api.engine.services.database.pool.query(plant, [jobId]);
  expect(await findViolations(jobId)).toEqual(violations);
});

test('a commit in a pause is one', async () => {
  const jobId = await runBookings();
  await api.engine.services.database.pool.query(
    `update job_events set data = data || '{"to": "PAUSED"}' where job_id = $1 and type = 'JobStateChanged' and data ->> 'to' = 'RUNNING'`,
    [jobId],
  );
  expect(await findViolations(jobId)).toContainEqual(
    expect.stringMatching(/^entry \d+, ChunkCompleted, was written while it was PAUSED$/),
  );
});
