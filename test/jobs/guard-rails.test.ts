import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Job } from '../../src/database/entities/job.ts';
import { newId } from '../../src/database/new-id.ts';
import type { JobEventData, JobEventType } from '../../src/domain/job-event.ts';
import { weekdays } from '../../src/domain/execution-window.ts';
import { warnOfDeadlines } from '../../src/jobs/guard-rails/warn-of-deadlines.ts';
import { findUnheardWork } from '../../src/database/sql/find-unheard-work.ts';
import type { GuardRailsCommand, SubmitJobCommand } from '../../src/jobs/commands.ts';
import { createTestEngine, type TestEngine } from '../support/engine.ts';
import { waitFor } from '../support/wait-for.ts';

let engine: TestEngine;
const window = 4;

beforeAll(async () => {
  engine = await createTestEngine();
  await engine.startWorker({ window });
});
afterAll(() => engine.close());

const guarded = (guardRails: GuardRailsCommand, command: Partial<SubmitJobCommand>, count: number) =>
  engine.submit({ guardRails, ...command }, count);

async function entries<T extends JobEventType>(job: Job, type: T): Promise<JobEventData[T][]> {
  const { rows } = await engine.services.database.pool.query<{ data: JobEventData[T] }>(
    'select data from job_events where job_id = $1 and type = $2 order by sequence',
    [job.id, type],
  );
  return rows.map(({ data }) => data);
}

async function states(job: Job): Promise<string[]> {
  const changes = await entries(job, 'JobStateChanged');
  return changes.map(({ to, reason }) => (reason ? `${to} ${reason}` : to));
}

/** Items with a result, by the generation that it is of. */
async function results(job: Job) {
  const { rows } = await engine.services.database.pool.query<{ index: number; attempts: number; at: string }>(
    `select r.index::int as index, r.attempts, r.xmin::text as at from item_results r where job_id = $1 order by index`,
    [job.id],
  );
  return rows;
}

/** What the clock does otherwise: everything that this job waits for is so many minutes nearer. */
async function elapse(job: Job, minutes: number): Promise<void> {
  const { pool } = engine.services.database;
  const before = [job.id, minutes];
  await pool.query(`update jobs set deadline_at = deadline_at - $2 * interval '1 minute' where id = $1`, before);
  await pool.query(
    `update guard_rails set due_at = due_at - $2 * interval '1 minute', start_at = start_at - $2 * interval '1 minute',
       warn_at = warn_at - $2 * interval '1 minute' where job_id = $1`,
    before,
  );
}

const wake = (job: Job) => engine.services.temporal.workflows.wakeJob(job.id);
/** Takes 25 s at least, unless it is stopped. */
const endless = { chunkSize: 10, options: { delayMs: 1_000 } };
const always = { days: [], from: '00:00', to: '00:00', timeZone: 'Europe/Berlin' };

/** A window that is closed today and tomorrow. */
function closed() {
  const today = new Date().getUTCDay();
  return { ...always, from: '12:00', to: '12:01', timeZone: 'UTC', days: [weekdays[(today + 2) % 7] ?? 'MONDAY'] };
}

describe('A failure breaker', () => {
  const breaker = { failures: null, percent: 5, minimumItems: 100 };

  test('pauses a job of which too much fails, within one window of chunks', async () => {
    const job = await guarded({ breaker }, { chunkSize: 10, options: { failureRate: 0.5, delayMs: 5 } }, 1_000);
    const paused = await engine.reach(job.id, 'PAUSED', 'COMPLETED');
    expect(paused).toMatchObject({ state: 'PAUSED', pauseReason: 'BREAKER', running: 0 });
    const ended = paused.succeeded + paused.failed;
    expect(ended).toBeGreaterThanOrEqual(100);
    expect(ended).toBeLessThanOrEqual(100 + 10 * window);
    const [tripped] = await entries(job, 'BreakerTripped');
    expect(tripped?.failed).toBeGreaterThan(5);
    expect(await states(job)).toEqual(['RUNNING', 'PAUSING BREAKER', 'PAUSED BREAKER']);
  });

  test('counts from zero when the job is resumed, and pauses it again', async () => {
    const job = await guarded({ breaker }, { chunkSize: 10, options: { failureRate: 0.5, delayMs: 5 } }, 1_000);
    const first = await engine.reach(job.id, 'PAUSED', 'COMPLETED');
    await engine.services.jobs.resumeJob(engine.viewer, job.id);
    const again = await waitFor(async () => {
      const now = await engine.getJob(job.id);
      return now.state === 'PAUSED' && now.succeeded + now.failed > first.succeeded + first.failed && now;
    });
    expect(again.pauseReason).toBe('BREAKER');
    const ended = again.succeeded + again.failed - first.succeeded - first.failed;
    expect(ended).toBeGreaterThanOrEqual(100);
    expect(ended).toBeLessThanOrEqual(100 + 10 * window);
  });

  test('judges a redrive by its own items, not by those that succeeded before', async () => {
    const job = await guarded(
      { breaker: { failures: null, percent: 50, minimumItems: 50 } },
      { chunkSize: 10, options: { failureRate: 0.2 } },
      1_000,
    );
    const first = await engine.reach(job.id, 'PAUSED', 'COMPLETED');
    expect(first.state).toBe('COMPLETED');
    await engine.services.jobs.retryJob(engine.viewer, job.id);
    const second = await waitFor(async () => {
      const now = await engine.getJob(job.id);
      return now.generation === 1 && (now.state === 'COMPLETED' || now.state === 'PAUSED') && now;
    });
    expect(second).toMatchObject({ state: 'PAUSED', pauseReason: 'BREAKER', succeeded: first.succeeded });
    expect(second.failed).toBeGreaterThanOrEqual(50);
    expect(second.failed).toBeLessThanOrEqual(50 + 10 * window);
  });

  test('is found tripped by the next claim when the process died between the commit and the pause', async () => {
    const job = await guarded({ breaker: { ...breaker, minimumItems: 1 } }, endless, 1_000);
    await engine.reach(job.id, 'RUNNING');
    // What a commit leaves whose process could not do more.
    await engine.services.database.pool.query(
      `update guard_rails set baseline = '{"ECHO": {"ended": -1000, "failed": -1000}}' where job_id = $1`,
      [job.id],
    );
    expect(await engine.reach(job.id, 'PAUSED', 'COMPLETED')).toMatchObject({
      state: 'PAUSED',
      pauseReason: 'BREAKER',
    });
  });

  test('takes the share of each stage, in which items that passed on count beside those that failed', async () => {
    const items = Array.from({ length: 20 }, (_, index) => ({
      reference: `breaker-${index}`,
      account: 'A',
      amount: index < 5 ? '1.001' : '1.00',
      currency: 'EUR',
      occurredAt: '2026-01-02',
    }));
    const job = await guarded(
      { breaker: { failures: null, percent: 50, minimumItems: 1 } },
      { type: 'transactions', source: { kind: 'inline', items } },
      0,
    );
    expect(await engine.reach(job.id, 'PAUSED', 'COMPLETED')).toMatchObject({
      state: 'COMPLETED',
      succeeded: 15,
      failed: 5,
    });
  });

  test('lets a job end whose last items failed', async () => {
    const job = await guarded(
      { breaker: { failures: 1, percent: null, minimumItems: 1 } },
      { source: { kind: 'inline', items: [{ value: 'a' }, { fail: true }] } },
      0,
    );
    expect(await engine.reach(job.id, 'PAUSED', 'COMPLETED')).toMatchObject({ state: 'COMPLETED', failed: 1 });
  });
});

describe('A budget', () => {
  const spend = { chunkSize: 10, options: { costPerItem: '0.10' } };

  test('is never exceeded; the job is paused, and goes on once it is raised', async () => {
    const job = await guarded({ budget: { amount: '25.50', unit: 'CREDIT' } }, spend, 400);
    const paused = await engine.reach(job.id, 'PAUSED', 'COMPLETED');
    // 25 chunks of 1.00 fit.
    expect(paused).toMatchObject({ state: 'PAUSED', pauseReason: 'BUDGET', succeeded: 250, running: 0 });
    expect(await entries(job, 'BudgetReached')).toMatchObject([{ amount: '25.50', unit: 'CREDIT', needed: '1.00' }]);
    await engine.services.jobs.updateJobLimits(engine.viewer, job.id, { budget: { amount: '40', unit: 'CREDIT' } });
    await engine.services.jobs.resumeJob(engine.viewer, job.id);
    expect(await engine.reach(job.id, 'PAUSED', 'COMPLETED')).toMatchObject({ state: 'COMPLETED', succeeded: 400 });
    expect(await entries(job, 'LimitsChanged')).toEqual([{ changed: ['budget'], by: 'test' }]);
  });

  test('counts what earlier generations spent', async () => {
    const options = { ...spend.options, failureRate: 0.3 };
    const job = await guarded({ budget: { amount: '10', unit: 'CREDIT' } }, { ...spend, options }, 100);
    await engine.reach(job.id, 'COMPLETED');
    await engine.services.jobs.retryJob(engine.viewer, job.id);
    const paused = await waitFor(async () => {
      const now = await engine.getJob(job.id);
      return now.generation === 1 && (now.state === 'PAUSED' || now.state === 'COMPLETED') && now;
    });
    expect(paused).toMatchObject({ state: 'PAUSED', pauseReason: 'BUDGET' });
    expect(paused.pending).toBeGreaterThan(0);
  });

  test('is refused in another unit, and where items cost nothing', async () => {
    const submit = (unit: string, costPerItem: string) =>
      guarded({ budget: { amount: '1', unit } }, { options: { costPerItem } }, 1);
    await expect(submit('EUR', '0.10')).rejects.toMatchObject({ code: 'INVALID_INPUT' });
    await expect(submit('CREDIT', '0')).rejects.toMatchObject({ code: 'INVALID_INPUT' });
  });
});

describe('A canary', () => {
  test('runs the first items alone, tells what the whole comes to, and waits for approval', async () => {
    const job = await guarded(
      { canary: { items: 25, percent: null } },
      { chunkSize: 10, options: { failureRate: 0.2, costPerItem: '0.01' } },
      200,
    );
    const waiting = await engine.reach(job.id, 'PAUSED', 'COMPLETED');
    expect(waiting).toMatchObject({ state: 'PAUSED', pauseReason: 'APPROVAL', pending: 175, running: 0 });
    const canary = await results(job);
    expect(canary.map(({ index }) => index)).toEqual(Array.from({ length: 25 }, (_, index) => index));
    const [report] = await entries(job, 'CanaryCompleted');
    expect(report).toMatchObject({
      items: 25,
      succeeded: waiting.succeeded,
      failed: waiting.failed,
      errorRate: waiting.failed / 25,
      cost: '0.25',
      unit: 'CREDIT',
      projected: { items: 200, failed: waiting.failed * 8, cost: '2.00' },
    });
    await expect(engine.services.jobs.resumeJob(engine.viewer, job.id)).rejects.toMatchObject({
      code: 'CONFLICT',
      allowedActions: ['APPROVE', 'CANCEL'],
    });
    await engine.services.jobs.approveJob(engine.viewer, job.id);
    expect(await engine.reach(job.id, 'COMPLETED')).toMatchObject({ total: 200, pending: 0 });
    const all = await results(job);
    expect(all).toHaveLength(200);
    // The rows of the canary are those that were there: nothing of it ran again.
    expect(all.slice(0, 25)).toEqual(canary);
  });

  const bookings = Array.from({ length: 30 }, (_, index) => ({
    reference: `canary-${index}`,
    account: 'A',
    amount: '1.00',
    currency: 'EUR',
    occurredAt: '2026-01-02',
  }));

  test('goes through all item stages before any other item goes through the first', async () => {
    const job = await guarded(
      { canary: { items: null, percent: 10 } },
      { type: 'transactions', chunkSize: 2, source: { kind: 'inline', items: bookings } },
      0,
    );
    expect(await engine.reach(job.id, 'PAUSED', 'COMPLETED')).toMatchObject({ pauseReason: 'APPROVAL', succeeded: 3 });
    const { rows } = await engine.services.database.pool.query(
      `select distinct stage, state from chunks where job_id = $1 and last_item < 3 order by stage`,
      [job.id],
    );
    expect(rows).toEqual([
      { stage: 1, state: 'COMPLETED' },
      { stage: 2, state: 'COMPLETED' },
    ]);
    await engine.services.jobs.approveJob(engine.viewer, job.id);
    expect(await engine.reach(job.id, 'COMPLETED')).toMatchObject({
      succeeded: 30,
      aggregates: { totalAmount: '30.00' },
    });
    const { rows: stages } = await engine.services.database.pool.query(
      `select name, total::int, completed::int from stages where job_id = $1 and kind = 'ITEMS' order by position`,
      [job.id],
    );
    expect(stages).toEqual([
      { name: 'VALIDATE', total: 30, completed: 30 },
      { name: 'INSERT', total: 30, completed: 30 },
    ]);
  });

  test('can be canceled instead; the other items are not touched', async () => {
    const job = await guarded({ canary: { items: 5, percent: null } }, {}, 20);
    await engine.reach(job.id, 'PAUSED');
    await engine.services.jobs.cancelJob(engine.viewer, job.id);
    expect(await engine.reach(job.id, 'CANCELED')).toMatchObject({ succeeded: 5, canceled: 15 });
  });

  test('that is the whole job waits for nobody', async () => {
    const job = await guarded({ canary: { items: 50, percent: null } }, {}, 20);
    expect(await engine.reach(job.id, 'PAUSED', 'COMPLETED')).toMatchObject({ state: 'COMPLETED', succeeded: 20 });
  });
});

describe('A deadline', () => {
  test.for([
    ['FAIL', 'FAILED', { canceled: 0 }],
    ['CANCEL', 'CANCELED', { pending: 0 }],
  ] as const)(
    'is warned of, then to %s makes the job %s with the results so far',
    async ([onDeadline, state, counts]) => {
      const job = await guarded({ deadlineMinutes: 100, onDeadline }, endless, 1_000);
      await waitFor(async () => (await engine.getJob(job.id)).succeeded > 0);
      await elapse(job, 95);
      await warnOfDeadlines(engine.services.database);
      await warnOfDeadlines(engine.services.database);
      const [warning] = await entries(job, 'DeadlineApproaching');
      expect(warning).toMatchObject({ action: onDeadline });
      expect((await engine.getJob(job.id)).state).toBe('RUNNING');
      await elapse(job, 10);
      const ended = await engine.reach(job.id, 'FAILED', 'CANCELED', 'COMPLETED');
      expect(ended).toMatchObject({ state, running: 0, ...counts });
      expect(await results(job)).toHaveLength(ended.succeeded);
      expect(await entries(job, 'DeadlineApproaching')).toHaveLength(1);
    },
  );

  test('begins anew when the job that it made FAILED is retried; what had ended does not run again', async () => {
    const job = await guarded({ deadlineMinutes: 10, canary: { items: 5, percent: null } }, {}, 20);
    await engine.reach(job.id, 'PAUSED');
    await elapse(job, 11);
    await wake(job);
    const failed = await engine.reach(job.id, 'FAILED');
    const before = await results(job);
    expect(before).toHaveLength(5);
    await engine.services.jobs.retryJob(engine.viewer, job.id);
    // Nobody has approved the rest yet.
    expect(await engine.reach(job.id, 'PAUSED', 'COMPLETED')).toMatchObject({ pauseReason: 'APPROVAL', succeeded: 5 });
    await engine.services.jobs.approveJob(engine.viewer, job.id);
    const done = await engine.reach(job.id, 'COMPLETED');
    expect(done).toMatchObject({ succeeded: 20, generation: 0 });
    expect(Number(done.deadlineAt)).toBeGreaterThan(Number(failed.deadlineAt));
    expect((await results(job)).slice(0, 5)).toEqual(before);
  });

  test('ends a paused job too', async () => {
    const job = await guarded({ deadlineMinutes: 10, canary: { items: 1, percent: null } }, {}, 5);
    await engine.reach(job.id, 'PAUSED');
    await elapse(job, 11);
    expect((await findUnheardWork(engine.services.database.pool)).map(({ id }) => id)).toContain(job.id);
    await wake(job);
    expect(await engine.reach(job.id, 'FAILED')).toMatchObject({ succeeded: 1, pending: 4 });
  });
});

describe('An execution window', () => {
  test('drains and pauses the job at its end, and lets it go on by itself', async () => {
    const job = await guarded({ window: always }, endless, 1_000);
    await waitFor(async () => (await engine.getJob(job.id)).running > 0);
    await engine.services.jobs.updateJobLimits(engine.viewer, job.id, { window: closed() });
    expect(await engine.reach(job.id, 'PAUSED', 'COMPLETED')).toMatchObject({
      state: 'PAUSED',
      pauseReason: 'WINDOW',
      running: 0,
    });
    await engine.services.jobs.updateJobLimits(engine.viewer, job.id, { window: always });
    await engine.reach(job.id, 'RUNNING');
    await engine.services.jobs.cancelJob(engine.viewer, job.id);
    await engine.reach(job.id, 'CANCELED');
    expect(await states(job)).toEqual([
      'RUNNING',
      'PAUSING WINDOW',
      'PAUSED WINDOW',
      'RUNNING',
      'CANCELING',
      'CANCELED',
    ]);
  });

  test('runs nothing of a job that is submitted outside of it, and holds one that somebody resumes', async () => {
    const job = await guarded({ window: closed() }, {}, 10);
    expect(await engine.reach(job.id, 'PAUSED')).toMatchObject({ pauseReason: 'WINDOW', total: 0 });
    await engine.services.jobs.resumeJob(engine.viewer, job.id);
    await waitFor(async () => (await states(job)).length === 6);
    expect(await engine.getJob(job.id)).toMatchObject({ state: 'PAUSED', pauseReason: 'WINDOW', total: 0 });
  });
});

describe('A later start', () => {
  const inAnHour = () => new Date(Date.now() + 3_600_000);

  test('keeps the job PENDING until then', async () => {
    const job = await guarded({ startAt: inAnHour() }, {}, 10);
    const other = await engine.submit({}, 10);
    await engine.reach(other.id, 'COMPLETED');
    expect(await engine.getJob(job.id)).toMatchObject({ state: 'PENDING', total: 0 });
    await elapse(job, 61);
    expect((await findUnheardWork(engine.services.database.pool)).map(({ id }) => id)).toContain(job.id);
    await wake(job);
    expect(await engine.reach(job.id, 'COMPLETED')).toMatchObject({ succeeded: 10 });
  });

  test('can be called off', async () => {
    const job = await guarded({ startAt: inAnHour() }, {}, 10);
    expect((await engine.services.jobs.cancelJob(engine.viewer, job.id)).state).toBe('CANCELED');
  });
});

describe('A dry run', () => {
  test('runs the stages without effect, and leaves the ledger as it is', async () => {
    const { pool } = engine.services.database;
    const book = (reference: string, amount: string) => ({
      reference,
      account: 'DRY',
      amount,
      currency: 'EUR',
      occurredAt: '2026-01-02',
    });
    const items = [book('dry-1', '1.00'), book('dry-2', '1.001')];
    const job = await guarded({ dryRun: true }, { type: 'transactions', source: { kind: 'inline', items } }, 0);
    expect(await engine.reach(job.id, 'COMPLETED')).toMatchObject({
      succeeded: 1,
      failed: 1,
      aggregates: { succeeded: 1, failed: 1, totalAmount: '1.00' },
    });
    const { rowCount } = await pool.query(`select from ledger_transactions where reference like 'dry-%'`);
    expect(rowCount).toBe(0);
    const { rows } = await pool.query('select name from stages where job_id = $1 order by position', [job.id]);
    expect(rows.map(({ name }: { name: string }) => name)).toEqual(['INGEST', 'VALIDATE', 'AGGREGATE']);
  });

  test('writes no row into any table that is not about itself', async () => {
    // Nothing else runs beside it here.
    const alone = await createTestEngine();
    await alone.startWorker();
    const { pool } = alone.services.database;
    const { rows: tables } = await pool.query<{ name: string; column: string | null }>(
      `select t.relname as name, (select a.attname from pg_attribute a where a.attrelid = t.oid and a.attname = case t.relname when 'jobs' then 'id' else 'job_id' end) as column
       from pg_class t where t.relkind in ('r', 'p') and not t.relispartition and t.relnamespace = 'public'::regnamespace order by 1`,
    );
    const fingerprints = (except: string) =>
      Promise.all(
        tables.map(async ({ name, column }) => {
          const others = column === null ? 'true' : `t.${column} is distinct from $1::uuid`;
          const { rows } = await pool.query<{ rows: string }>(
            `select $1::text, md5(coalesce(string_agg(t::text, ' ' order by t::text), '')) as rows from "${name}" t where ${others}`,
            [except],
          );
          return [name, rows[0]?.rows];
        }),
      );
    const items = [{ reference: 'dry-3', account: 'DRY', amount: '1.00', currency: 'EUR', occurredAt: '2026-01-02' }];
    const before = await fingerprints(newId());
    const command = { guardRails: { dryRun: true }, type: 'transactions', source: { kind: 'inline', items } } as const;
    const job = await alone.submit(command, 0);
    await alone.reach(job.id, 'COMPLETED');
    expect(await fingerprints(job.id)).toEqual(before);
    await alone.close();
  });
});

test('Fewer chunks at once hold as soon as those that run have ended', async () => {
  const { pool } = engine.services.database;
  const job = await guarded({ limits: { chunksAtOnce: 4 } }, { chunkSize: 1, options: { delayMs: 100 } }, 1_000);
  const running = async () =>
    (await pool.query(`select from chunks where job_id = $1 and state = 'RUNNING'`, [job.id])).rowCount ?? 0;
  await waitFor(async () => (await running()) > 1);
  await engine.services.jobs.updateJobLimits(engine.viewer, job.id, { limits: { chunksAtOnce: 1 } });
  await waitFor(async () => {
    const { rows } = await pool.query<{ replan: boolean }>('select replan from guard_rails where job_id = $1', [
      job.id,
    ]);
    return rows[0]?.replan === false;
  });
  const { succeeded } = await engine.getJob(job.id);
  let most = 0;
  await waitFor(async () => {
    most = Math.max(most, await running());
    return (await engine.getJob(job.id)).succeeded > succeeded + 5;
  });
  expect(most).toBe(1);
  await engine.services.jobs.cancelJob(engine.viewer, job.id);
  await engine.reach(job.id, 'CANCELED');
  await expect(engine.services.jobs.updateJobLimits(engine.viewer, job.id, { limits: null })).rejects.toMatchObject({
    code: 'CONFLICT',
    state: 'CANCELED',
  });
});
