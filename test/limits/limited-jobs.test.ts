import { afterAll, beforeAll, expect, test } from 'vitest';
import { findClosedProvider } from '../../src/jobs/reads/closed-provider.ts';
import { createTestEngine, type TestEngine } from '../support/engine.ts';
import { waitFor } from '../support/wait-for.ts';

let engine: TestEngine;
beforeAll(async () => {
  engine = await createTestEngine();
  await engine.startWorker();
});
afterAll(() => engine.close());

/** How long the job's stage over items took, by the database's clock. */
async function stageMs(jobId: string): Promise<number> {
  const { rows } = await engine.services.database.pool.query<{ ms: number }>(
    `select extract(epoch from completed_at - started_at)::float8 * 1000 as ms from stages where job_id = $1 and kind = 'ITEMS'`,
    [jobId],
  );
  return rows[0]?.ms ?? 0;
}

test('chunks take turns by job, and those of one project share its weight', async () => {
  const { client } = engine.services.temporal;
  const paused = await engine.submit({ options: { delayMs: 60_000 } });
  await engine.reach(paused.id, 'RUNNING');
  const job = await engine.submit({ priority: 'HIGH' });
  await engine.reach(job.id, 'COMPLETED');
  const { events } = await client.workflow.getHandle(`job:${job.id}`).fetchHistory();
  const turns = events?.flatMap(({ activityTaskScheduledEventAttributes: scheduled }) =>
    scheduled?.activityType?.name === 'runChunk' ? [scheduled.priority] : [],
  );
  expect(turns).toEqual([expect.objectContaining({ priorityKey: 1, fairnessKey: job.id, fairnessWeight: 0.5 })]);
  await engine.services.jobs.cancelJob(engine.viewer, paused.id);
  await engine.reach(paused.id, 'CANCELED');
});

test('a job never exceeds its own rate, nor do its redrives, and its bucket goes with it', async () => {
  const job = await engine.submit({ limits: { itemsPerSecond: 40 }, options: { failureRate: 0.5 } }, 80);
  const { failed } = await engine.reach(job.id, 'COMPLETED');
  expect(await stageMs(job.id)).toBeGreaterThan((80 / 40 - 1.2) * 1_000);

  await engine.services.jobs.retryJob(engine.viewer, job.id);
  await engine.reach(job.id, 'RUNNING', 'COMPLETING');
  await engine.reach(job.id, 'COMPLETED');
  const { rows } = await engine.services.database.pool.query<{ ms: number }>(
    `select extract(epoch from max(at) - min(at))::float8 * 1000 as ms from job_events
     where job_id = $1 and type in ('JobRedriven', 'ChunkCompleted') and sequence >= (select sequence from job_events where job_id = $1 and type = 'JobRedriven')`,
    [job.id],
  );
  expect(rows[0]?.ms).toBeGreaterThan((failed / 40 - 1.2) * 1_000);

  const buckets = `select from buckets where name = 'job:' || $1`;
  expect((await engine.services.database.pool.query(buckets, [job.id])).rowCount).toBe(1);
  await engine.services.jobs.deleteJob(engine.viewer, job.id);
  // As if its minute were over.
  await engine.services.database.pool.query('update jobs set purge_at = now() where id = $1', [job.id]);
  await waitFor(async () => (await engine.services.database.pool.query(buckets, [job.id])).rowCount === 0);
});

test('no second of a redrive begins more than its rate, also where a stage books whole chunks', async () => {
  const { jobs, database } = engine.services;
  const rate = 40;
  const items = Array.from({ length: 3 * rate }, (_, index) => ({
    reference: `ramp-${index}`,
    account: 'RAMP',
    amount: '1.00',
    currency: 'EUR',
    occurredAt: '2026-01-02',
  }));
  const booking = { type: 'transactions', source: { kind: 'inline', items } } as const;
  const first = await engine.submit(booking, 0);
  await engine.reach(first.id, 'COMPLETED');
  const { id } = await engine.submit({ ...booking, options: { onDuplicate: 'FAIL' } }, 0);
  expect(await engine.reach(id, 'FAILED')).toMatchObject({ failed: items.length });
  // What they failed for is gone.
  await database.pool.query('delete from ledger_transactions where job_id = $1', [first.id]);

  await jobs.retryJob(engine.viewer, id, { request: { kind: 'ALL_FAILURES' }, spec: null, itemsPerSecond: rate });
  expect(await engine.reach(id, 'COMPLETED')).toMatchObject({ succeeded: items.length });
  const { rows } = await database.pool.query<{ most: number }>(
    `select max(booked)::int as most from (
       select count(*) over (order by created_at range between current row and interval '1 s' following) as booked
       from ledger_transactions where job_id = $1) seconds`,
    [id],
  );
  // A slot may be a tenth of a second late.
  expect(rows[0]?.most).toBeLessThanOrEqual(rate * 1.1 + 1);
});

test('a provider that asks to wait stops every job that needs it, says so, and all go on when it is over', async () => {
  const { jobs, reads } = engine.services;
  const options = { serviceItemsPerSecond: 2_000, retryAfterMs: 6_000 };
  const bystander = await engine.submit({ options: { ...options, delayMs: 500 }, chunkSize: 5 }, 1_000);
  await waitFor(async () => (await engine.getJob(bystander.id)).succeeded > 0);
  // The only item of these whose first try fails is the 89th.
  const busy = await engine.submit({ options: { ...options, transientFailureRate: 0.006 } }, 100);
  const free = await engine.submit({}, 10);

  const closed = await waitFor(async () => {
    const buckets = await reads.listClosedBuckets([engine.viewer.projectId]);
    return findClosedProvider(await engine.getJob(bystander.id), ['ECHO'], buckets);
  });
  expect(closed).toMatchObject({ provider: 'echo', reason: 'Item 88 was asked to fail at first.' });

  // Its chunks are handed back: they hold no worker up.
  const waiting = await waitFor(async () => {
    const job = await engine.getJob(bystander.id);
    return job.state === 'RUNNING' && job.running === 0 && job;
  });
  await engine.reach(free.id, 'COMPLETED');
  const done = await engine.reach(busy.id, 'COMPLETED');
  expect(done.succeeded).toBe(100);
  expect(done.completedAt?.getTime()).toBeGreaterThan(closed.until.getTime());
  await waitFor(async () => (await engine.getJob(bystander.id)).succeeded > waiting.succeeded);
  await jobs.cancelJob(engine.viewer, bystander.id);
  await engine.reach(bystander.id, 'CANCELED');
});

test('while a service is closed, chunks that have not come to it or are past it go on, and the job can be paused', async () => {
  const { jobs, reads, database } = engine.services;
  const encoder = await engine.startWorker({}, { DEFAULT: 4, ENCODE: 1 });
  const files = { byteSize: 20, worker: 'ENCODE' };
  // Drafts are made one by one; item 4 is the only one whose first try at the service fails.
  const service = { serviceItemsPerSecond: 2_000, transientFailureRate: 0.1, retryAfterMs: 3_600_000 };
  const { id } = await engine.submit({ options: { files, ...service, delayMs: 300 } }, 12);
  const chunks = async (stage: string) =>
    (
      await database.pool.query<{ state: string; attempt: number }>(
        `select c.state, c.attempt from chunks c join stages s on s.job_id = c.job_id and s.position = c.stage
         where c.job_id = $1 and s.name = $2 order by c.index`,
        [id, stage],
      )
    ).rows;

  await waitFor(async () => (await chunks('DRAFT')).filter(({ state }) => state === 'COMPLETED').length === 12);
  // None was broken off.
  expect((await chunks('DRAFT')).map(({ attempt }) => attempt)).toEqual(Array.from({ length: 12 }, () => 1));
  const closed = await waitFor(async () => {
    const stages = await reads.listStages([id]);
    const running = stages.filter(({ state }) => state === 'RUNNING').map(({ name }) => name);
    const buckets = await reads.listClosedBuckets([engine.viewer.projectId]);
    return findClosedProvider(await engine.getJob(id), running, buckets);
  });
  expect(closed).toMatchObject({ provider: 'echo', reason: 'Item 4 was asked to fail at first.' });
  await waitFor(async () => (await engine.getJob(id)).running === 0);
  expect((await chunks('ECHO'))[4]).toMatchObject({ state: 'PENDING' });

  await jobs.pauseJob(engine.viewer, id);
  await engine.reach(id, 'PAUSED');
  await database.pool.query(`update buckets set closed_until = null where name = 'provider:echo'`);
  await jobs.resumeJob(engine.viewer, id);
  expect(await engine.reach(id, 'COMPLETED')).toMatchObject({ succeeded: 12 });
  await encoder.stop();
});

test('when a service asks to wait, three jobs on four workers send only what was on its way', async () => {
  const { jobs, reads } = engine.services;
  const others = await Promise.all([1, 2, 3].map(() => engine.startWorker()));
  // A call has five items, and each of four workers makes at most four calls at a time.
  const onItsWay = 4 * 4 * 5;
  const options = { serviceItemsPerSecond: 2_000, delayMs: 300, retryAfterMs: 600_000 };
  const submit = (more: object) => engine.submit({ options: { ...options, ...more }, chunkSize: 5 }, 1_000);
  // Item 88 is the first whose first try fails.
  const three = await Promise.all([submit({ transientFailureRate: 0.006 }), submit({}), submit({})]);
  const succeeded = () => Promise.all(three.map(async ({ id }) => (await engine.getJob(id)).succeeded));
  const sum = (counts: number[]) => counts.reduce((total, count) => total + count, 0);

  const isClosed = async () => (await reads.listClosedBuckets([engine.viewer.projectId])).length > 0;
  await waitFor(isClosed);
  const atClose = sum(await succeeded());
  await waitFor(async () => {
    const running = await Promise.all(three.map(async ({ id }) => (await engine.getJob(id)).running));
    return sum(running) === 0;
  });
  const drained = sum(await succeeded());
  expect(drained - atClose).toBeLessThanOrEqual(onItsWay);
  // A job that needs no service goes through meanwhile, and these stand still.
  const free = await engine.submit({}, 10);
  await engine.reach(free.id, 'COMPLETED');
  expect(sum(await succeeded())).toBe(drained);
  expect(await isClosed()).toBe(true);

  for (const { id } of three) await jobs.cancelJob(engine.viewer, id);
  for (const { id } of three) await engine.reach(id, 'CANCELED');
  await Promise.all(others.map((worker) => worker.stop()));
});
