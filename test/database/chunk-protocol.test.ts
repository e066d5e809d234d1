import { fc, test as property } from '@fast-check/vitest';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { JobEntity } from '../../src/database/entities/job.ts';
import { newId } from '../../src/database/new-id.ts';
import { cancelRemainingItems } from '../../src/database/sql/cancel-remaining-items.ts';
import { claimChunk } from '../../src/database/sql/claim-chunk.ts';
import {
  commitChunk,
  type AggregatePart,
  type ChunkCommit,
  type ItemResultRow,
} from '../../src/database/sql/commit-chunk.ts';
import { copyChunks } from '../../src/database/sql/copy-chunks.ts';
import { cutChunks } from '../../src/database/sql/cut-chunks.ts';
import { failChunk } from '../../src/database/sql/fail-chunk.ts';
import { lockChunk } from '../../src/database/sql/lock-chunk.ts';
import { moveRedrivenItems } from '../../src/database/sql/move-redriven-items.ts';
import { readChunkItems } from '../../src/database/sql/read-chunk-items.ts';
import { releaseChunk } from '../../src/database/sql/release-chunk.ts';
import { selectRedrive } from '../../src/database/sql/select-redrive.ts';
import type { FinalItemState } from '../../src/domain/item-counts.ts';
import { toItemCounts } from '../../src/domain/item-counts.ts';
import { createTestDatabase, type TestDatabase } from '../support/database.ts';

/** 25 items in chunks of 10, read and cut, not run. */
const total = 25;
let testDatabase: TestDatabase;
let jobId: string;

beforeAll(async () => {
  testDatabase = await createTestDatabase();
});
afterAll(() => testDatabase.close());
beforeEach(async () => {
  jobId = await insertJob();
});

async function insertJob(): Promise<string> {
  const { database } = testDatabase;
  const id = newId();
  await database.pool.query(
    `insert into jobs (id, project_id, input_hash, type, title, state, priority, chunk_priority, validation, options, metadata, source, total, pending)
     values ($1, $1, '', 'echo', 'Echo', 'RUNNING', 'NORMAL', 5, 'MODERATE', '{}', '{}', '{}', $2, $2)`,
    [id, total],
  );
  await database.pool.query(
    `insert into stages (job_id, position, name, kind, state, metadata)
     values ($1, 0, 'INGEST', 'INGEST', 'COMPLETED', '{}'), ($1, 1, 'ECHO', 'ITEMS', 'RUNNING', '{}'), ($1, 2, 'AGAIN', 'ITEMS', 'PENDING', '{}')`,
    [id],
  );
  await database.pool.query(
    `insert into items (job_id, index, key, payload) select $1, n, n, '{}' from generate_series(0, $2::int - 1) n`,
    [id, total],
  );
  await database.transaction((client) =>
    cutChunks(client, { jobId: id, stage: 1, size: 10, firstItem: 0, endItem: total, firstIndex: 0, priority: 5 }),
  );
  return id;
}

const chunkAt = (index: number) => ({ jobId, stage: 1, generation: 0, index });
const claim = (index: number) =>
  testDatabase.database.transaction((client) => claimChunk(client, chunkAt(index), 'task'));
const commit = (input: Omit<ChunkCommit, 'chunk' | 'parts'> & { index: number; parts?: AggregatePart[] }) =>
  commitChunk(testDatabase.database.pool, { chunk: chunkAt(input.index), parts: [], ...input });

function result(index: number, state: FinalItemState = 'SUCCEEDED'): ItemResultRow {
  const failed = state === 'FAILED';
  return {
    index,
    attempts: 1,
    state,
    output: failed ? null : '{"value":"x"}',
    errorCode: failed ? 'NO' : null,
    errorField: null,
    errorMessage: failed ? 'no' : null,
    fingerprint: failed ? 'f' : null,
    durationMs: 1,
  };
}

async function counts() {
  return toItemCounts(await testDatabase.database.em().findOneOrFail(JobEntity, { id: jobId }));
}

async function journal() {
  const { rows } = await testDatabase.database.pool.query<{ sequence: string; type: string }>(
    'select sequence::text, type from job_events where job_id = $1 order by job_events.sequence',
    [jobId],
  );
  return rows.map(({ sequence, type }) => `${sequence} ${type}`);
}

const from = (first: number, last: number, state?: FinalItemState) =>
  Array.from({ length: last - first + 1 }, (_, offset) => result(first + offset, state));

describe('cutting', () => {
  test('gives every item to one chunk, the last of which may be shorter', async () => {
    const { rows } = await testDatabase.database.pool.query(
      'select first_item::int as first, last_item::int as last, remaining from chunks where job_id = $1 order by index',
      [jobId],
    );
    expect(rows).toEqual([
      { first: 0, last: 9, remaining: 10 },
      { first: 10, last: 19, remaining: 10 },
      { first: 20, last: 24, remaining: 5 },
    ]);
  });

  test('of the next stage takes the same ranges with the items that were passed on', async () => {
    const claimed = await claim(0);
    await commit({
      index: 0,
      attempt: claimed?.attempt ?? 0,
      results: [result(3, 'FAILED')],
      passed: 9,
      next: 'COMPLETED',
    });
    await testDatabase.database.transaction((client) =>
      copyChunks(client, { jobId, from: 1, to: 2, generation: 0, endItem: 1_000 }),
    );
    const { rows } = await testDatabase.database.pool.query(
      'select state, remaining from chunks where job_id = $1 and stage = 2 order by index',
      [jobId],
    );
    expect(rows[0]).toEqual({ state: 'PENDING', remaining: 9 });
  });
});

describe('claiming', () => {
  test('counts attempts that broke off, not those that handed the chunk back', async () => {
    for (const attempt of [1, 2, 3]) {
      expect(await claim(0)).toEqual({ attempt, broken: 0 });
      await commit({ index: 0, attempt, results: [], passed: 0, next: 'PENDING' });
    }
  });

  test('makes the items RUNNING once, however many attempts follow', async () => {
    expect(await claim(0)).toEqual({ attempt: 1, broken: 0 });
    expect(await claim(0)).toEqual({ attempt: 2, broken: 1 });
    expect(await counts()).toMatchObject({ pending: 15, running: 10 });
  });

  test('is refused when the job has stopped running', async () => {
    await testDatabase.database.pool.query(`update jobs set state = 'PAUSING' where id = $1`, [jobId]);
    expect(await claim(0)).toBeNull();
    expect(await counts()).toMatchObject({ pending: 25, running: 0 });
  });

  test('reads what running it takes', async () => {
    const locked = await testDatabase.database.transaction((client) => lockChunk(client, chunkAt(2)));
    expect(locked).toMatchObject({
      state: 'PENDING',
      firstItem: 20,
      lastItem: 24,
      remaining: 5,
      jobState: 'RUNNING',
      jobType: 'echo',
      stageName: 'ECHO',
    });
  });
});

describe('committing', () => {
  test('inserts the results, moves the counters by as many, and writes the journal', async () => {
    await claim(0);
    expect(
      await commit({
        index: 0,
        attempt: 1,
        results: [...from(0, 6), result(7, 'SKIPPED'), ...from(8, 9, 'FAILED')],
        passed: 0,
        next: 'COMPLETED',
      }),
    ).toBe(true);
    expect(await counts()).toEqual({
      total,
      pending: 15,
      running: 0,
      succeeded: 7,
      failed: 2,
      skipped: 1,
      canceled: 0,
    });
    expect(await journal()).toEqual(['1 ChunkCompleted']);
  });

  test('of a late attempt is refused whole', async () => {
    await claim(0);
    await claim(0);
    expect(await commit({ index: 0, attempt: 1, results: from(0, 9), passed: 0, next: 'COMPLETED' })).toBe(false);
    expect(await counts()).toMatchObject({ running: 10, succeeded: 0 });
    expect(await journal()).toEqual([]);
    expect(
      await readChunkItems(testDatabase.database.pool, { jobId, firstItem: 0, lastItem: 9, itemList: null }),
    ).toHaveLength(10);
  });

  test('the same items twice is refused by the primary key, and changes nothing', async () => {
    await claim(0);
    await commit({ index: 0, attempt: 1, results: from(0, 4), passed: 0, next: 'RUNNING' });
    await expect(
      commit({ index: 0, attempt: 1, results: from(4, 8), passed: 0, next: 'COMPLETED' }),
    ).rejects.toMatchObject({ code: '23505' });
    expect(await counts()).toMatchObject({ running: 5, succeeded: 5 });
  });

  test('in parts leaves the rest to the next attempt', async () => {
    await claim(0);
    await commit({ index: 0, attempt: 1, results: from(0, 3), passed: 0, next: 'RUNNING' });
    expect(await claim(0)).toEqual({ attempt: 2, broken: 1 });
    expect(
      (await readChunkItems(testDatabase.database.pool, { jobId, firstItem: 0, lastItem: 9, itemList: null })).map(
        ({ index }) => index,
      ),
    ).toEqual([4, 5, 6, 7, 8, 9]);
    expect(await counts()).toMatchObject({ pending: 15, running: 6, succeeded: 4 });
  });

  test('and handing back makes what is left wait again', async () => {
    await claim(0);
    await commit({ index: 0, attempt: 1, results: from(0, 3), passed: 0, next: 'PENDING' });
    expect(await counts()).toMatchObject({ pending: 21, running: 0, succeeded: 4 });
  });
});

test('what a commit adds to the aggregates is stored with its results, or not at all', async () => {
  const parts = [{ dimension: 'byAccount', groups: '{"keys":["a"],"ITEMS":["4"]}' }];
  await claim(0);
  await commit({ index: 0, attempt: 1, results: from(0, 3), passed: 0, next: 'RUNNING', parts });
  await claim(0);
  expect(await commit({ index: 0, attempt: 1, results: from(4, 9), passed: 0, next: 'COMPLETED', parts })).toBe(false);
  expect(await commit({ index: 0, attempt: 2, results: from(4, 9), passed: 0, next: 'COMPLETED', parts })).toBe(true);
  const { rows } = await testDatabase.database.pool.query(
    'select dimension, generation, chunk, remaining from aggregate_parts where job_id = $1 order by remaining',
    [jobId],
  );
  expect(rows).toEqual([0, 6].map((remaining) => ({ dimension: 'byAccount', generation: 0, chunk: 0, remaining })));
});

test('a released chunk waits again, and its old attempt cannot commit', async () => {
  await claim(0);
  await testDatabase.database.transaction((client) => releaseChunk(client, chunkAt(0)));
  expect(await commit({ index: 0, attempt: 1, results: from(0, 9), passed: 0, next: 'COMPLETED' })).toBe(false);
  expect(await counts()).toMatchObject({ pending: 25, running: 0 });
});

test('a chunk that is given up fails what had not ended, and no more', async () => {
  await claim(0);
  await commit({ index: 0, attempt: 1, results: from(0, 3), passed: 0, next: 'RUNNING' });
  await testDatabase.database.transaction((client) =>
    failChunk(client, { chunk: chunkAt(0), attempt: 1, error: 'poison', fingerprint: 'f' }),
  );
  expect(await counts()).toMatchObject({ pending: 15, running: 0, succeeded: 4, failed: 6 });
  expect(await journal()).toEqual(['1 StageProgressed', '2 ChunkFailed']);
});

test('a cancel counts all that had not ended and fences what still runs', async () => {
  await claim(0);
  await commit({ index: 0, attempt: 1, results: from(0, 3), passed: 0, next: 'RUNNING' });
  await testDatabase.database.transaction((client) => cancelRemainingItems(client, jobId));
  expect(await commit({ index: 0, attempt: 1, results: from(4, 9), passed: 0, next: 'COMPLETED' })).toBe(false);
  expect(await counts()).toEqual({ total, pending: 0, running: 0, succeeded: 4, failed: 0, skipped: 0, canceled: 21 });
});

test('a redrive takes failed items back in batches and cuts them anew', async () => {
  await claim(0);
  await claim(1);
  await commit({
    index: 0,
    attempt: 1,
    results: [...from(0, 5), ...from(6, 9, 'FAILED')],
    passed: 0,
    next: 'COMPLETED',
  });
  await commit({ index: 1, attempt: 1, results: from(10, 19, 'FAILED'), passed: 0, next: 'COMPLETED' });
  const selected: number[] = [];
  const redrive = { jobId, generation: 1, selection: { kind: 'ALL_FAILURES' }, stage: 1, size: 4, batch: 8 } as const;
  for (let batch = { items: -1, last: -1 }; batch.items !== 0; selected.push(batch.items)) {
    const { last: after } = batch;
    batch = await testDatabase.database.transaction(async (client) => {
      const taken = await selectRedrive(client, { ...redrive, priority: 5, after });
      if (taken.items > 0) await moveRedrivenItems(client, jobId, taken.items);
      return taken;
    });
  }
  expect(selected).toEqual([8, 6, 0]);
  expect(await counts()).toMatchObject({ succeeded: 6, failed: 0, pending: 19 });
  const { rows } = await testDatabase.database.pool.query(
    'select index, first_item::int as first, last_item::int as last, remaining from chunks where job_id = $1 and generation = 1 order by index',
    [jobId],
  );
  expect(rows).toEqual([
    { index: 0, first: 6, last: 9, remaining: 4 },
    { index: 1, first: 10, last: 13, remaining: 4 },
    { index: 2, first: 14, last: 17, remaining: 4 },
    { index: 3, first: 18, last: 19, remaining: 2 },
  ]);
});

const step = fc.record({
  action: fc.constantFrom('claim', 'commit', 'part', 'release', 'fail'),
  chunk: fc.nat({ max: 2 }),
  late: fc.boolean(),
  states: fc.array(fc.constantFrom<FinalItemState>('SUCCEEDED', 'FAILED', 'SKIPPED'), { minLength: 10, maxLength: 10 }),
});

property.prop([fc.array(step, { minLength: 5, maxLength: 30 })], { numRuns: 25 })(
  'whatever attempts do in whatever order, no item is lost and none ends twice',
  async (steps) => {
    jobId = await insertJob();
    const { database } = testDatabase;
    const attempts = [0, 0, 0];
    for (const { action, chunk, late, states } of steps) {
      const attempt = (attempts[chunk] ?? 0) - (late ? 1 : 0);
      if (action === 'claim') attempts[chunk] = (await claim(chunk))?.attempt ?? attempts[chunk] ?? 0;
      if (action === 'release') await database.transaction((client) => releaseChunk(client, chunkAt(chunk)));
      if (action === 'fail')
        await database.transaction((client) =>
          failChunk(client, { chunk: chunkAt(chunk), attempt, error: 'x', fingerprint: 'f' }),
        );
      if (action === 'commit' || action === 'part') {
        const left = await readChunkItems(database.pool, {
          jobId,
          firstItem: chunk * 10,
          lastItem: chunk * 10 + 9,
          itemList: null,
        });
        const ended = action === 'part' ? left.slice(0, 3) : left;
        const results = ended.map(({ index }, position) => result(index, states[position]));
        await commit({
          index: chunk,
          attempt,
          results,
          passed: 0,
          next: action === 'part' && ended.length < left.length ? 'RUNNING' : 'COMPLETED',
        });
      }
      const now = await counts();
      const { rows } = await database.pool.query<{ ended: number }>(
        'select count(*)::int as ended from item_results where job_id = $1',
        [jobId],
      );
      expect(now.succeeded + now.failed + now.skipped).toBe(rows[0]?.ended);
      expect(now.pending + now.running + now.succeeded + now.failed + now.skipped + now.canceled).toBe(total);
    }
    const entries = await journal();
    expect(entries.map((entry) => Number(entry.split(' ')[0]))).toEqual(entries.map((_, index) => index + 1));
  },
);
