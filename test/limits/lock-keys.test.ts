import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Job } from '../../src/database/entities/job.ts';
import type { SubmitJobCommand } from '../../src/jobs/commands.ts';
import { createTestEngine, type TestEngine } from '../support/engine.ts';
import { keepKeyLedger, type KeyLedger } from '../support/key-ledger.ts';
import { startWorker } from '../support/processes.ts';
import { waitFor } from '../support/wait-for.ts';

let engine: TestEngine;
let ledger: KeyLedger;

beforeAll(async () => {
  engine = await createTestEngine();
  ledger = await keepKeyLedger(engine.services.database.pool, 'value');
  await engine.startWorker();
});
afterAll(() => engine.close());

/** Children of so many parents, in no order; one in ten has none. */
function children(count: number, parents: number) {
  return Array.from({ length: count }, (_, index) =>
    index % 10 === 9 ? {} : { value: `parent ${(index * 7_919) % parents}` },
  );
}

const submit = (items: object[], command: Partial<SubmitJobCommand> = {}) =>
  engine.submit({ source: { kind: 'inline', items }, lockKey: 'value', chunkSize: 25, ...command });

async function chunksOf(job: Job) {
  const { rows } = await engine.services.database.pool.query<{ index: number; values: string[]; items: number }>(
    `select c.index, array_agg(distinct i.payload ->> 'value' order by i.payload ->> 'value') as values, count(*)::int as items
     from chunks c join items i on i.job_id = c.job_id and i.index = any(c.item_list)
     where c.job_id = $1 group by c.generation, c.index order by c.generation, c.index`,
    [job.id],
  );
  return rows;
}

test('items of one value never run in two chunks at a time, of one job or of two, in first runs and redrives', async () => {
  const slow = { delayMs: 5, failureRate: 0.3 };
  const jobs = await Promise.all([1, 2].map(() => submit(children(900, 12), { options: slow })));
  for (const job of jobs) await engine.reach(job.id, 'COMPLETED');
  await Promise.all(jobs.map((job) => engine.services.jobs.retryJob(engine.viewer, job.id)));
  for (const job of jobs) {
    const ended = await engine.reach(job.id, 'COMPLETED');
    expect(ended).toMatchObject({ total: 900, pending: 0, generation: 1 });
    expect(ended.succeeded + ended.failed).toBe(900);
  }
  const most = await ledger.mostAtOnce();
  expect(most.ofOneValue).toBe(1);
  expect(most.chunks).toBeGreaterThan(1);
});

test('items of one value come together, a value that fills several chunks has them for itself, before all others', async () => {
  const items = [...Array.from({ length: 60 }, () => ({ value: 'hot' })), ...children(900, 90)];
  const job = await submit(items.toSorted(() => 0.5 - Math.random()));
  await engine.reach(job.id, 'COMPLETED');
  const chunks = await chunksOf(job);
  const hot = chunks.filter(({ values }) => values.includes('hot'));
  expect(hot.map(({ values, items: held }) => [values, held])).toEqual([
    [['hot'], 25],
    [['hot'], 25],
    [['hot'], 10],
  ]);
  expect(hot.map(({ index }) => index)).toEqual([0, 1, 2]);
  const others = chunks.filter(({ values }) => !values.includes('hot'));
  const held = others.flatMap(({ values }) => values.filter((value) => value !== null));
  expect(held.toSorted()).toEqual([...new Set(held)].toSorted());
  expect(held).toHaveLength(81);
  expect(Math.max(...others.map(({ items: count }) => count))).toBeLessThan(50);
});

test('in a job so large that it runs in lanes values have their turns too', async () => {
  const own = await createTestEngine();
  try {
    const lanes = await keepKeyLedger(own.services.database.pool, 'value');
    await own.startWorker({ window: 4, directChunks: 10, batchChunks: 5 });
    const items = [...Array.from({ length: 100 }, () => ({ value: 'hot' })), ...children(400, 40)];
    const job = await own.submit({
      source: { kind: 'inline', items },
      lockKey: 'value',
      chunkSize: 5,
      options: { delayMs: 5 },
    });
    expect(await own.reach(job.id, 'COMPLETED')).toMatchObject({ succeeded: 500 });
    expect((await lanes.mostAtOnce()).ofOneValue).toBe(1);
  } finally {
    await own.close();
  }
});

test('items of one reference are booked in the order of the source, wherever they are in it', async () => {
  const booking = (index: number) => ({
    reference: `lock ${index % 40}`,
    account: 'A',
    amount: `${index}.00`,
    currency: 'EUR',
    occurredAt: '2026-01-02',
  });
  const items = Array.from({ length: 400 }, (_, index) => booking(index));
  const { id } = await submit(items, {
    type: 'transactions',
    lockKey: 'reference',
    chunkSize: 4,
    options: { onDuplicate: 'UPDATE' },
  });
  expect(await engine.reach(id, 'COMPLETED')).toMatchObject({ succeeded: 400 });
  const { pool } = engine.services.database;
  const booked = await pool.query<{ index: number }>(
    `select index::int as index from item_results where job_id = $1 and output ->> 'action' = 'INSERTED' order by index`,
    [id],
  );
  expect(booked.rows.map(({ index }) => index)).toEqual(Array.from({ length: 40 }, (_, index) => index));
  const left = await pool.query<{ amount: number }>(
    `select amount::float8 as amount from ledger_transactions where job_id = $1 order by amount`,
    [id],
  );
  expect(left.rows.map(({ amount }) => amount)).toEqual(Array.from({ length: 40 }, (_, index) => 360 + index));
});

test('a job that makes files has them all, and of one value no two chunks, though its worker is killed', async () => {
  const own = await createTestEngine();
  try {
    const { config, services } = own;
    const held = await keepKeyLedger(services.database.pool, 'value');
    const surroundings = {
      databaseUrl: config.databaseUrl,
      temporalAddress: config.temporal.address,
      taskQueue: config.temporal.taskQueue,
      dataDir: config.dataDir,
      env: { LONGHAUL_SECRET: config.secret },
    };
    await using victim = await startWorker(surroundings);
    await using other = await startWorker(surroundings);
    const jobs = await Promise.all(
      [1, 2].map(() =>
        own.submit({
          source: { kind: 'inline', items: children(20, 5) },
          options: { files: { byteSize: 10 }, delayMs: 100, locksValues: true },
        }),
      ),
    );
    const [first] = jobs;
    await waitFor(async () => first && (await own.getJob(first.id)).succeeded > 3, { timeoutMs: 60_000 });
    await victim.kill9();
    for (const job of jobs) {
      expect(await own.reach(job.id, 'COMPLETED')).toMatchObject({ lockKey: 'value', succeeded: 20, failed: 0 });
      const { rows } = await services.database.pool.query<{ index: number }>(
        `select index::int as index from item_files where job_id = $1 and state = 'STORED' and is_kept order by index`,
        [job.id],
      );
      expect(rows.map(({ index }) => index)).toEqual(Array.from({ length: 20 }, (_, index) => index));
    }
    const most = await held.mostAtOnce();
    expect(most.ofOneValue).toBe(1);
    expect(most.chunks).toBeGreaterThan(1);
    await other.stop();
  } finally {
    await own.close();
  }
});

test('a killed worker leaves what it locked to the next attempt of its chunks, and nothing runs beside it', async () => {
  const own = await createTestEngine();
  try {
    const { config, services } = own;
    const killed = await keepKeyLedger(services.database.pool, 'value');
    const surroundings = {
      databaseUrl: config.databaseUrl,
      temporalAddress: config.temporal.address,
      taskQueue: config.temporal.taskQueue,
      dataDir: config.dataDir,
    };
    await using victim = await startWorker(surroundings);
    await using other = await startWorker(surroundings);
    const jobs = await Promise.all(
      [1, 2].map(() =>
        own.submit({
          source: { kind: 'inline', items: children(1_000, 25) },
          lockKey: 'value',
          chunkSize: 20,
          options: { delayMs: 100 },
        }),
      ),
    );
    await waitFor(async () => (await own.getJob(jobs[0]?.id ?? '')).succeeded > 100, { timeoutMs: 60_000 });
    await victim.kill9();
    for (const job of jobs) {
      expect(await own.reach(job.id, 'COMPLETED')).toMatchObject({ succeeded: 1_000, failed: 0 });
    }
    expect((await killed.mostAtOnce()).ofOneValue).toBe(1);
    await other.stop();
  } finally {
    await own.close();
  }
});

describe('A job with a lock key', () => {
  test('pauses and goes on, and lists what is open in its order', async () => {
    const job = await submit(children(300, 6), { options: { delayMs: 50 } });
    await waitFor(async () => (await engine.getJob(job.id)).succeeded > 0);
    await engine.services.jobs.pauseJob(engine.viewer, job.id);
    const paused = await engine.reach(job.id, 'PAUSED');
    const filter = { states: ['PENDING' as const], errorCode: null, fingerprint: null };
    const indexes: number[] = [];
    for (let after: number | null = null; ;) {
      const page = await engine.services.reads.listItems(paused, filter, { limit: 50, after });
      indexes.push(...page.rows.map(({ index }) => Number(index)));
      if (!page.hasNextPage) break;
      after = indexes.at(-1) ?? null;
    }
    expect(indexes).toHaveLength(paused.pending);
    expect(indexes).toEqual([...new Set(indexes)].toSorted((a, b) => a - b));
    await engine.services.jobs.resumeJob(engine.viewer, job.id);
    expect(await engine.reach(job.id, 'COMPLETED')).toMatchObject({ succeeded: 300 });
  });

  test('runs its canary first, and those items only', async () => {
    const job = await submit(children(200, 5), { guardRails: { canary: { items: 30, percent: null } } });
    expect(await engine.reach(job.id, 'PAUSED')).toMatchObject({ pauseReason: 'APPROVAL', succeeded: 30 });
    const { rows } = await engine.services.database.pool.query<{ last: number }>(
      'select max(index)::int as last from item_results where job_id = $1',
      [job.id],
    );
    expect(rows).toEqual([{ last: 29 }]);
    await engine.services.jobs.approveJob(engine.viewer, job.id);
    expect(await engine.reach(job.id, 'COMPLETED')).toMatchObject({ succeeded: 200 });
  });

  test.each([
    ['takes that of its type when it names none', undefined, 'value'],
    ['names another in its place', 'fail', 'fail'],
    ['lifts it', null, null],
  ])('%s', async (_, lockKey, expected) => {
    const job = await submit([{ value: 'a' }], { lockKey, options: { locksValues: true } });
    expect((await engine.reach(job.id, 'COMPLETED')).lockKey).toBe(expected);
  });

  test.each([
    ['nothing', 'must be a field of the items of echo: value, fail; not "nothing".'],
    ['a b', 'must be the name of a field, like "account" or "customer.id".'],
  ])('is refused when the key is %s', async (lockKey, message) => {
    await expect(submit([{}], { lockKey })).rejects.toThrow(`lockKey ${message}`);
  });
});

describe('Workers outside', () => {
  const external = (items: object[]) =>
    submit(items, {
      type: 'external',
      options: { stages: [{ name: 'WORK', over: 'ITEMS' }] },
      lockKey: 'parent.id',
      chunkSize: 10,
    });
  const of = (id: string, count: number) => Array.from({ length: count }, () => ({ parent: { id } }));
  const claim = async ({ id }: Job) =>
    await engine.services.outside.claimChunk(engine.viewer, {
      workerId: 'test',
      jobId: id,
      stages: null,
      leaseSeconds: 60,
    });
  type Held = Awaited<ReturnType<typeof claim>>;
  const parents = (held: Held) => [...new Set(held?.items.map(({ input }) => JSON.stringify(input)))];
  const complete = async (held: Held) => {
    if (!held) throw new Error('Nothing is held.');
    const ended = { state: 'SUCCEEDED', output: null, error: null, durationMs: 0 } as const;
    const results = held.items.map(({ index }) => ({ ...ended, index }));
    await engine.services.outside.completeChunk(engine.viewer, { chunk: held.chunk, attempt: held.attempt, results });
  };

  test('get chunks whose values nobody holds, and of two jobs that wait for one the one that asked first comes first', async () => {
    const [first, second] = [await external([...of('a', 30), ...of('b', 10)]), await external(of('a', 10))];
    const a = await waitFor(() => claim(first));
    const b = await claim(first);
    expect([parents(a), parents(b)]).toEqual([['{"parent":{"id":"a"}}'], ['{"parent":{"id":"b"}}']]);
    expect([await claim(first), await claim(second)]).toEqual([null, null]);
    await complete(a);
    expect(await claim(second)).toBeNull();
    for (const turn of [first, first, second]) await complete(await waitFor(() => claim(turn)));
    await complete(b);
    for (const job of [first, second]) expect(await engine.reach(job.id, 'COMPLETED')).toMatchObject({ failed: 0 });
  });

  test('give up a chunk with its own items only, which are retried together', async () => {
    const job = await external([...of('a', 8), ...of('b', 8), ...of('c', 8)].toSorted(() => 0.5 - Math.random()));
    const held = await waitFor(() => claim(job));
    if (!held) throw new Error('Nothing is held.');
    const { chunk, attempt } = held;
    await engine.services.outside.failChunk(engine.viewer, { chunk, attempt, message: 'no', retryable: false });
    for (let next = await claim(job); next; next = await claim(job)) await complete(next);
    const failed = held.items.length;
    expect(await engine.reach(job.id, 'COMPLETED')).toMatchObject({ failed, succeeded: 24 - failed });
    await engine.services.jobs.retryJob(engine.viewer, job.id, {
      request: { kind: 'CHUNKS', chunks: [chunk] },
      spec: null,
      itemsPerSecond: null,
    });
    const again = await waitFor(() => claim(job));
    const sorted = ({ items }: NonNullable<Held>) => items.map(({ index }) => index).toSorted((x, y) => x - y);
    expect(again && sorted(again)).toEqual(sorted(held));
    await complete(again);
    expect(await engine.reach(job.id, 'COMPLETED')).toMatchObject({ failed: 0, succeeded: 24 });
  });
});
