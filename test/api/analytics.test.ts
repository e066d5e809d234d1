import { afterAll, beforeAll, expect, test } from 'vitest';
import { JobEntity } from '../../src/database/entities/job.ts';
import { lockJob } from '../../src/database/sql/lock-job.ts';
import { markJobsDeleted } from '../../src/database/sql/mark-jobs-deleted.ts';
import { recordOutcome } from '../../src/database/sql/record-outcome.ts';
import type { JobState } from '../../src/domain/job-state.ts';
import { setJobState } from '../../src/jobs/set-job-state.ts';
import { createTestDatabase, type TestDatabase } from '../support/database.ts';
import { createTestProject, type TestViewer } from '../support/project.ts';
import { createContext, query } from '../support/graphql-context.ts';
import { seedJob } from '../support/seed-job.ts';

let db: TestDatabase;

beforeAll(async () => {
  db = await createTestDatabase();
});
afterAll(() => db.close());

const figures = `jobs completed failed canceled successRate itemSuccessRate averageDurationMs p95DurationMs costs { unit amount }
  items { total pending succeeded failed skipped canceled }`;
const document = `query ($from: DateTime!, $to: DateTime!, $groupBy: AnalyticsGroup!) {
  analytics(from: $from, to: $to, groupBy: $groupBy) { from to groupBy total { ${figures} }
    groups { key startsAt type state caller { kind name } figures { jobs successRate averageDurationMs p95DurationMs } } } }`;

interface Answer {
  total: Record<string, unknown>;
  groups: { key: string; figures: Record<string, unknown> }[];
}

async function ask(viewer: TestViewer, groupBy: string, [from, to] = ['2026-03-01', '2026-04-01']): Promise<Answer> {
  const variables = { from: `${from}T00:00:00Z`, to: `${to}T00:00:00Z`, groupBy };
  const answer = await query(createContext(db.database, viewer), document, variables);
  return (answer as { analytics: Answer }).analytics; // As asked.
}

interface Ended {
  at: string;
  /** Null for one that never began. */
  ms: number | null;
  state?: 'COMPLETED' | 'CANCELED' | 'FAILED';
  by?: string;
}

/** A job of ten items, one of them failed, that ended at a moment after so many milliseconds. */
async function seedEnded(viewer: TestViewer, { at, ms, state = 'COMPLETED', by = 'anna' }: Ended): Promise<string> {
  const { pool } = db.database;
  const id = await seedJob(db.database, viewer, { state, total: 10, ended: 10, chunkSize: 5 });
  await pool.query(
    `update jobs set completed_at = $2, started_at = $2::timestamptz - make_interval(secs => $3 / 1000.0), created_by = $4 where id = $1`,
    [id, at, ms, JSON.stringify({ kind: 'USER', id: by, name: by.toUpperCase() })],
  );
  await pool.query('delete from job_outcomes where job_id = $1', [id]);
  await recordOutcome(pool, id);
  return id;
}

test('the figures of a range are of the jobs that ended in it, whatever they are grouped by', async () => {
  const viewer = await createTestProject(db.database);
  await seedEnded(viewer, { at: '2026-02-28T23:59:59.999Z', ms: 1 });
  await seedEnded(viewer, { at: '2026-03-01T00:00:00Z', ms: 1_000 });
  await seedEnded(viewer, { at: '2026-03-01T23:10:00Z', ms: 3_000, state: 'FAILED' });
  await seedEnded(viewer, { at: '2026-03-01T23:50:00Z', ms: null, state: 'CANCELED', by: 'ben' });
  await seedEnded(viewer, { at: '2026-03-31T12:00:00Z', ms: 5_000 });
  await seedEnded(viewer, { at: '2026-04-01T00:00:00Z', ms: 1 });
  await seedEnded(await createTestProject(db.database), { at: '2026-03-15T00:00:00Z', ms: 1 });

  const [byDay, byHour, byType, byState, byCaller] = await Promise.all(
    ['DAY', 'HOUR', 'JOB_TYPE', 'STATE', 'CALLER'].map((groupBy) => ask(viewer, groupBy)),
  );
  expect(byDay?.total).toEqual({
    jobs: 4,
    completed: 2,
    failed: 1,
    canceled: 1,
    successRate: 0.5,
    itemSuccessRate: 32 / 36,
    averageDurationMs: '3000',
    p95DurationMs: '5000',
    costs: [],
    items: { total: '40', pending: '0', succeeded: '32', failed: '4', skipped: '4', canceled: '0' },
  });
  for (const each of [byHour, byType, byState, byCaller]) expect(each?.total).toEqual(byDay?.total);
  const nothing = { startsAt: null, type: null, state: null, caller: null };
  const group = (key: string, of: object, [jobs, rate, average, p95]: unknown[]) => ({
    ...nothing,
    key,
    ...of,
    figures: { jobs, successRate: rate, averageDurationMs: average, p95DurationMs: p95 },
  });
  const time = (at: string, measured: unknown[]) => group(at, { startsAt: at }, measured);
  expect(byDay?.groups).toEqual([
    time('2026-03-01T00:00:00.000Z', [3, 1 / 3, '2000', '3000']),
    time('2026-03-31T00:00:00.000Z', [1, 1, '5000', '5000']),
  ]);
  expect(byHour?.groups.map(({ key, figures: { jobs } }) => [key, jobs])).toEqual([
    ['2026-03-01T00:00:00.000Z', 1],
    ['2026-03-01T23:00:00.000Z', 2],
    ['2026-03-31T12:00:00.000Z', 1],
  ]);
  expect(byType?.groups).toEqual([group('transactions', { type: 'TRANSACTIONS' }, [4, 0.5, '3000', '5000'])]);
  expect(byState?.groups).toEqual([
    group('COMPLETED', { state: 'COMPLETED' }, [2, 1, '3000', '5000']),
    group('CANCELED', { state: 'CANCELED' }, [1, 0, null, null]),
    group('FAILED', { state: 'FAILED' }, [1, 0, '3000', '3000']),
  ]);
  expect(byCaller?.groups).toEqual([
    group('USER:anna', { caller: { kind: 'USER', name: 'ANNA' } }, [3, 2 / 3, '3000', '5000']),
    group('USER:ben', { caller: { kind: 'USER', name: 'BEN' } }, [1, 0, null, null]),
  ]);
});

test('average and 95th percentile are those that one computes from all durations, in each group', async () => {
  const viewer = await createTestProject(db.database);
  const { projectId } = viewer;
  const seeded = Array.from({ length: 997 }, (_, index) => ({ day: (index % 7) + 1, ms: (index * 7_919) % 100_003 }));
  await db.database.pool.query(
    `insert into job_outcomes (job_id, project_id, ended_at, type, state, total, succeeded, failed, skipped, canceled, duration_ms)
     select uuidv7(), $1, make_timestamptz(2026, 3, day, 1, 2, 3, 'UTC'), 'echo', 'COMPLETED', 0, 0, 0, 0, 0, ms
     from unnest($2::int[], $3::int[]) seeded (day, ms)`,
    [projectId, seeded.map(({ day }) => day), seeded.map(({ ms }) => ms)],
  );
  const expected = (durations: number[]) => ({
    averageDurationMs: String(Math.round(durations.reduce((sum, ms) => sum + ms, 0) / durations.length)),
    p95DurationMs: String(durations.toSorted((a, b) => a - b)[Math.ceil(durations.length * 0.95) - 1]),
  });
  const { total, groups } = await ask(viewer, 'DAY');
  expect(total).toMatchObject(expected(seeded.map(({ ms }) => ms)));
  expect(groups.map((each) => each.figures)).toMatchObject(
    Array.from({ length: 7 }, (_, day) => expected(seeded.filter((each) => each.day === day + 1).map(({ ms }) => ms))),
  );
});

test('a job counts once, by its last end, however often it is run again, and also when it is deleted', async () => {
  const viewer = await createTestProject(db.database);
  const { database } = db;
  const id = await seedJob(database, viewer, { state: 'RUNNING', total: 10, ended: 10, chunkSize: 5 });
  const go = (to: JobState) =>
    database.transaction(async (client) => {
      const job = await lockJob(client, database.em(), id);
      if (!job) throw new Error('The job is gone.');
      await setJobState(client, job, { to, by: 'test' });
    });
  const today = async () => {
    const day = (offset: number) => new Date(Date.now() + offset * 86_400_000).toISOString().slice(0, 10);
    const { total } = await ask(viewer, 'STATE', [day(-1), day(2)]);
    return [total['jobs'], total['completed'], total['failed']];
  };
  expect(await today()).toEqual([0, 0, 0]);
  await go('FAILED');
  expect(await today()).toEqual([1, 0, 1]);
  await go('RUNNING');
  expect(await today()).toEqual([0, 0, 0]);
  await go('COMPLETING');
  await go('COMPLETED');
  expect(await today()).toEqual([1, 1, 0]);
  const rolledBack = database.transaction(async (client) => {
    const job = await database.em().findOneOrFail(JobEntity, { id });
    await setJobState(client, job, { to: 'RUNNING', by: 'test' });
    throw new Error('Broken off.');
  });
  await expect(rolledBack).rejects.toThrow('Broken off.');
  expect(await today()).toEqual([1, 1, 0]);
  await database.transaction((client) => markJobsDeleted(client, [id]));
  await database.pool.query('delete from jobs where id = $1', [id]);
  expect(await today()).toEqual([1, 1, 0]);
});

test('costs are added up exactly, each unit for itself, in the total and in each group', async () => {
  const viewer = await createTestProject(db.database);
  const { database } = db;
  const seedCost = async (at: string, costs: object | null, spentBefore: string) => {
    const id = await seedEnded(viewer, { at, ms: 1_000 });
    const stage = await database.pool.query<{ name: string; completed: string }>(
      `update stages set completed = 7 where job_id = $1 and kind = 'ITEMS' returning name`,
      [id],
    );
    const perItem = Object.fromEntries(stage.rows.slice(0, 1).map(({ name }) => [name, '0.003']));
    await database.pool.query(
      `insert into guard_rails (job_id, settings, costs, spent_before) values ($1, '{}', $2, $3)`,
      [id, costs && JSON.stringify({ ...costs, perItem }), spentBefore],
    );
    await recordOutcome(database.pool, id);
  };
  await seedCost('2026-03-01T10:00:00Z', { unit: 'EUR' }, '0.1');
  await seedCost('2026-03-01T11:00:00Z', { unit: 'EUR' }, '0.2');
  await seedCost('2026-03-02T10:00:00Z', { unit: 'CREDIT' }, '12345678901234567890.5');
  await seedCost('2026-03-02T11:00:00Z', null, '0');
  const document = `query { analytics(from: "2026-03-01T00:00:00Z", to: "2026-04-01T00:00:00Z", groupBy: DAY) {
    total { jobs costs { unit amount } } groups { figures { jobs costs { unit amount } } } } }`;
  expect(await query(createContext(database, viewer), document)).toEqual({
    analytics: {
      total: {
        jobs: 4,
        costs: [
          { unit: 'CREDIT', amount: '12345678901234567890.521' },
          { unit: 'EUR', amount: '0.342' },
        ],
      },
      groups: [
        { figures: { jobs: 2, costs: [{ unit: 'EUR', amount: '0.342' }] } },
        { figures: { jobs: 2, costs: [{ unit: 'CREDIT', amount: '12345678901234567890.521' }] } },
      ],
    },
  });
});

test('a project without jobs has figures too', async () => {
  const viewer = await createTestProject(db.database);
  expect(await ask(viewer, 'DAY')).toMatchObject({
    groupBy: 'DAY',
    from: '2026-03-01T00:00:00.000Z',
    to: '2026-04-01T00:00:00.000Z',
    total: { jobs: 0, successRate: null, itemSuccessRate: null, averageDurationMs: null, items: { total: '0' } },
    groups: [],
  });
});

test('a range that cannot be meant is refused', async () => {
  const viewer = await createTestProject(db.database);
  await expect(ask(viewer, 'STATE', ['2026-03-02', '2026-03-01'])).rejects.toThrow('to must not be earlier than from.');
  await expect(ask(viewer, 'HOUR', ['2026-01-01', '2026-12-01'])).rejects.toThrow('at most 93 days');
});
