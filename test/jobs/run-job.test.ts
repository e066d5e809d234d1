import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Job } from '../../src/database/entities/job.ts';
import { ConflictError } from '../../src/domain/errors.ts';
import { createTestEngine, type TestEngine } from '../support/engine.ts';
import { waitFor } from '../support/wait-for.ts';
import { toItemCounts } from '../../src/domain/item-counts.ts';

let engine: TestEngine;

beforeAll(async () => {
  engine = await createTestEngine();
  await engine.startWorker();
});
afterAll(() => engine.close());

async function events(job: Job) {
  const { rows } = await engine.services.database.pool.query<{
    sequence: string;
    type: string;
    data: Record<string, unknown>;
  }>('select sequence, type, data from job_events where job_id = $1 order by sequence', [job.id]);
  expect(rows.map((row) => Number(row.sequence))).toEqual(rows.map((_, index) => index + 1));
  return rows;
}

async function chunks(job: Job) {
  const { rows } = await engine.services.database.pool.query<{
    first: number;
    last: number;
    generation: number;
    state: string;
  }>(
    `select first_item::int as first, last_item::int as last, generation, state from chunks where job_id = $1 order by stage, generation, index`,
    [job.id],
  );
  return rows;
}

describe('a job that runs', () => {
  test('ends COMPLETED with a result for every item', async () => {
    const job = await engine.submit({}, 25);
    const done = await engine.reach(job.id, 'COMPLETED');
    expect(toItemCounts(done)).toEqual({
      total: 25,
      pending: 0,
      running: 0,
      succeeded: 25,
      failed: 0,
      skipped: 0,
      canceled: 0,
    });
    expect(done.aggregates).toEqual({ count: 25, succeeded: 25, failed: 0, withValue: 25 });
    const { rows } = await engine.services.database.pool.query(
      'select index, state, output from item_results where job_id = $1 order by index',
      [job.id],
    );
    expect(rows).toHaveLength(25);
    expect(rows[7]).toMatchObject({ state: 'SUCCEEDED', output: { value: 'item 7', filler: null } });
  });

  test('tells its whole life in the journal, numbered without a gap', async () => {
    const job = await engine.submit({ chunkSize: 5 }, 10);
    const done = await engine.reach(job.id, 'COMPLETED');
    const journal = await events(job);
    expect(
      journal
        .filter(({ type }) => type !== 'StageProgressed')
        .map(({ type, data }) => [type, data.stage ?? data.to ?? data.title].join(' ')),
    ).toEqual([
      'JobSubmitted Echo',
      'JobStateChanged RUNNING',
      'StageStarted INGEST',
      'StageCompleted INGEST',
      'StageStarted ECHO',
      'ChunkCompleted ECHO',
      'ChunkCompleted ECHO',
      'StageCompleted ECHO',
      'JobStateChanged COMPLETING',
      'StageStarted AGGREGATE',
      'StageCompleted AGGREGATE',
      'JobStateChanged COMPLETED',
    ]);
    expect(done.lastSequence).toBe(journal.length);
  });

  test('with 1,000 items becomes two chunks of 500', async () => {
    const job = await engine.submit({ options: {} }, 1_000);
    await engine.reach(job.id, 'COMPLETED');
    expect(await chunks(job)).toMatchObject([
      { first: 0, last: 499 },
      { first: 500, last: 999 },
    ]);
  });

  test('commits large outputs in parts', async () => {
    const job = await engine.submit({ chunkSize: 500, options: { outputBytes: 100_000 } }, 500);
    expect(toItemCounts(await engine.reach(job.id, 'COMPLETED'))).toMatchObject({ succeeded: 500 });
    const parts = (await events(job)).filter(({ data }) => data['stage'] === 'ECHO').map(({ type }) => type);
    expect(parts).toContain('StageProgressed');
    expect(parts.at(-1)).toBe('StageCompleted');
  });

  test('of zero items ends COMPLETED', async () => {
    const job = await engine.submit({}, 0);
    expect(toItemCounts(await engine.reach(job.id, 'COMPLETED')).total).toBe(0);
  });

  test('whose items all fail ends FAILED and may be retried', async () => {
    const job = await engine.submit({ options: { failureRate: 1 } }, 10);
    const failed = await engine.reach(job.id, 'FAILED', 'COMPLETED');
    expect(failed).toMatchObject({ state: 'FAILED', error: 'All 10 items failed.', failed: 10, aggregates: null });
    await engine.services.jobs.retryJob(engine.viewer, job.id);
    const again = await waitFor(async () => {
      const now = await engine.getJob(job.id);
      return now.state === 'FAILED' && now;
    });
    expect(again).toMatchObject({ generation: 1, failed: 10 });
  });

  test('tries transient failures again, and the item then succeeds', async () => {
    const job = await engine.submit({ options: { transientFailureRate: 1 } }, 10);
    expect(toItemCounts(await engine.reach(job.id, 'COMPLETED'))).toMatchObject({ succeeded: 10, failed: 0 });
    const { rows } = await engine.services.database.pool.query(
      'select distinct attempts from item_results where job_id = $1',
      [job.id],
    );
    expect(rows).toEqual([{ attempts: 2 }]);
  });
});

describe('redrive', () => {
  test('runs the failed items again, as a generation of its own, and no other', async () => {
    const job = await engine.submit({ chunkSize: 10, options: { failureRate: 0.3 } }, 100);
    const first = await engine.reach(job.id, 'COMPLETED');
    expect(first.failed).toBeGreaterThan(20);
    const { rows: before } = await engine.services.database.pool.query(
      `select index, generation from item_results where job_id = $1 and state = 'SUCCEEDED' order by index`,
      [job.id],
    );
    await engine.services.jobs.retryJob(engine.viewer, job.id);
    const second = await waitFor(async () => {
      const now = await engine.getJob(job.id);
      return now.state === 'COMPLETED' && now.generation === 1 && now;
    });
    expect(toItemCounts(second)).toEqual(toItemCounts(first));
    const { rows: after } = await engine.services.database.pool.query<{
      index: string;
      generation: number;
      state: string;
    }>('select index, generation, state from item_results where job_id = $1 order by index', [job.id]);
    expect(
      after.filter(({ state }) => state === 'SUCCEEDED').map(({ index, generation }) => ({ index, generation })),
    ).toEqual(before);
    expect(after.filter(({ state }) => state === 'FAILED').every(({ generation }) => generation === 1)).toBe(true);
    const redriven = (await events(job)).find(({ type }) => type === 'JobRedriven');
    expect(redriven?.data).toEqual({ generation: 1, selected: first.failed, by: 'test' });
  });

  test('adds what then succeeds to the aggregates, exactly', async () => {
    const { pool } = engine.services.database;
    const book = (reference: string, account: string, amount: string) => ({
      reference,
      account,
      amount,
      currency: 'EUR',
      occurredAt: '2026-01-02',
    });
    const source = { kind: 'inline' as const, items: [book('taken', 'B', '0.20')] };
    await engine.reach((await engine.submit({ type: 'transactions', source })).id, 'COMPLETED');
    const items = [book('r-1', 'A', '0.10'), book('taken', 'B', '0.20'), book('r-2', 'A', '-0.05')];
    const job = await engine.submit({
      type: 'transactions',
      options: { onDuplicate: 'FAIL' },
      chunkSize: 1,
      source: { kind: 'inline', items },
    });
    const first = await engine.reach(job.id, 'COMPLETED');
    expect(first.aggregates).toMatchObject({ failed: 1, totalAmount: '0.05', byAccount: [{ account: 'A' }] });
    await pool.query(`delete from ledger_transactions where project_id = $1 and reference = 'taken'`, [
      engine.viewer.projectId,
    ]);
    await engine.services.jobs.retryJob(engine.viewer, job.id);
    const second = await waitFor(async () => {
      const now = await engine.getJob(job.id);
      return now.state === 'COMPLETED' && now.generation === 1 && now;
    });
    expect(second.aggregates).toEqual({
      count: 3,
      succeeded: 3,
      failed: 0,
      skipped: 0,
      totalAmount: '0.25',
      averageAmount: '0.083333',
      byCurrency: [{ currency: 'EUR', count: 3, totalAmount: '0.25', averageAmount: '0.083333' }],
      byAccount: [
        { account: 'B', count: 1, totalAmount: '0.20', averageAmount: '0.200000' },
        { account: 'A', count: 2, totalAmount: '0.05', averageAmount: '0.025000' },
      ],
    });
  });
});

describe('control', () => {
  const slow = { chunkSize: 10, options: { delayMs: 100 } };

  test('a paused job runs nothing, and goes on when it is resumed', async () => {
    const job = await engine.submit({ ...slow, options: { delayMs: 60 } }, 1_000);
    await waitFor(async () => (await engine.getJob(job.id)).succeeded > 0);
    expect((await engine.services.jobs.pauseJob(engine.viewer, job.id)).state).toBe('PAUSING');
    const paused = await engine.reach(job.id, 'PAUSED');
    expect(paused).toMatchObject({ running: 0, pauseReason: 'USER' });
    expect(paused.pending).toBeGreaterThan(0);
    expect((await chunks(job)).some(({ state }) => state === 'RUNNING')).toBe(false);
    expect((await engine.services.jobs.resumeJob(engine.viewer, job.id)).state).toBe('RUNNING');
    expect(toItemCounts(await engine.reach(job.id, 'COMPLETED'))).toMatchObject({ succeeded: 1_000 });
    await events(job);
  });

  test('a job that is paused again and again is not noticed by the one beside it', async () => {
    const other = await engine.submit({ chunkSize: 5, options: { delayMs: 200 } }, 1_000);
    const job = await engine.submit(slow, 1_000);
    for (let pauses = 0; pauses < 3; pauses += 1) {
      await engine.reach(job.id, 'RUNNING');
      const { succeeded: before } = await engine.getJob(job.id);
      await waitFor(async () => (await engine.getJob(job.id)).succeeded > before);
      await engine.services.jobs.pauseJob(engine.viewer, job.id);
      const paused = await engine.reach(job.id, 'PAUSED');
      // The other one goes on meanwhile, and this one does nothing.
      const { succeeded } = await engine.getJob(other.id);
      await waitFor(async () => (await engine.getJob(other.id)).succeeded > succeeded);
      expect(await engine.getJob(job.id)).toMatchObject({
        lastSequence: paused.lastSequence,
        succeeded: paused.succeeded,
        running: 0,
      });
      await engine.services.jobs.resumeJob(engine.viewer, job.id);
    }
    // Each of its chunks went through in one go, and its journal knows of nothing else.
    const { rows: attempts } = await engine.services.database.pool.query(
      `select distinct attempt from chunks where job_id = $1 and state <> 'PENDING'`,
      [other.id],
    );
    expect(attempts).toEqual([{ attempt: 1 }]);
    const changes = (await events(other)).filter(({ type }) => type === 'JobStateChanged');
    expect(changes.map(({ data }) => data['to'])).toEqual(['RUNNING']);
    for (const { id } of [job, other]) await engine.services.jobs.cancelJob(engine.viewer, id);
    for (const { id } of [job, other]) await engine.reach(id, 'CANCELED');
  });

  test('a canceled job keeps what has finished; the rest is CANCELED', async () => {
    const job = await engine.submit({ ...slow, options: { delayMs: 200 } }, 1_000);
    await waitFor(async () => (await engine.getJob(job.id)).succeeded > 0);
    await engine.services.jobs.cancelJob(engine.viewer, job.id);
    const canceled = await engine.reach(job.id, 'CANCELED');
    expect(canceled.succeeded).toBeGreaterThan(0);
    expect(canceled.canceled).toBe(1_000 - canceled.succeeded);
    const { rows } = await engine.services.database.pool.query<{ n: number }>(
      'select count(*)::int as n from item_results where job_id = $1',
      [job.id],
    );
    expect(rows).toEqual([{ n: canceled.succeeded }]);
  });

  test('an action that the state forbids is refused with the state and what is allowed', async () => {
    const job = await engine.submit({}, 1);
    await engine.reach(job.id, 'COMPLETED');
    const refusal = await engine.services.jobs.pauseJob(engine.viewer, job.id).catch((error: unknown) => error);
    expect(refusal).toBeInstanceOf(ConflictError);
    expect(refusal).toMatchObject({ state: 'COMPLETED', allowedActions: ['DELETE'] });
  });

  test('a deleted job is invisible at once and gone a minute later, with everything of it', async () => {
    const job = await engine.submit({ idempotencyKey: 'to-be-deleted' }, 50);
    await engine.reach(job.id, 'COMPLETED');
    await engine.services.jobs.deleteJob(engine.viewer, job.id);
    await expect(engine.services.jobs.deleteJob(engine.viewer, job.id)).rejects.toMatchObject({ code: 'NOT_FOUND' });
    const { pool } = engine.services.database;
    // Its own row is what followers of the project are told of: they have a minute for that.
    const { rowCount } = await pool.query(
      `update jobs set purge_at = now() where id = $1 and purge_at > now() + interval '30 s'`,
      [job.id],
    );
    expect(rowCount).toBe(1);
    await waitFor(async () => {
      const { rows } = await pool.query<{ rows: number }>(
        `select (select count(*) from items where job_id = $1) + (select count(*) from jobs where id = $1)
              + (select count(*) from item_results where job_id = $1) + (select count(*) from job_events where job_id = $1)
              + (select count(*) from aggregate_parts where job_id = $1)
              + (select count(*) from chunks where job_id = $1) + (select count(*) from stages where job_id = $1) as rows`,
        [job.id],
      );
      return Number(rows[0]?.rows) === 0;
    });
  });
});

describe('idempotent submit', () => {
  test('the same key with the same input is the same job; with another input it is refused', async () => {
    const first = await engine.submit({ idempotencyKey: 'order-1' }, 3);
    const second = await engine.submit({ idempotencyKey: 'order-1' }, 3);
    expect(second.id).toBe(first.id);
    await expect(engine.submit({ idempotencyKey: 'order-1' }, 4)).rejects.toMatchObject({ code: 'CONFLICT' });
  });

  test('many submits at once under one key make one job', async () => {
    const jobs = await Promise.all(Array.from({ length: 8 }, () => engine.submit({ idempotencyKey: 'order-2' }, 3)));
    expect(new Set(jobs.map(({ id }) => id)).size).toBe(1);
  });
});
