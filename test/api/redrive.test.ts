import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { getUuid, toGlobalId } from '../../schema/global-id.ts';
import type { Job } from '../../src/database/entities/job.ts';
import { startTestApi, type TestApi } from '../support/api.ts';
import { waitFor } from '../support/wait-for.ts';

let api: TestApi;

beforeAll(async () => {
  api = await startTestApi();
  await api.engine.startWorker();
});
afterAll(() => api.close());

interface Answer {
  __typename: string;
  message?: string;
  state?: string | null;
  limit?: string;
  issues?: { path: string[]; message: string }[];
}

async function retry(jobId: string, input: object = {}): Promise<Answer> {
  const { retryJob } = await api.client.query<{ retryJob: Answer }>(
    `mutation ($input: RetryJobInput!) { retryJob(input: $input) { __typename
      ... on Error { message } ... on ConflictError { state } ... on LimitExceededError { limit } ... on InvalidInputError { issues { path message } } } }`,
    { input: { jobId, ...input } },
  );
  return retryJob;
}

async function retryChunks(jobId: string, chunkIds?: string[]): Promise<Answer> {
  const { retryChunks: answer } = await api.client.query<{ retryChunks: Answer }>(
    `mutation ($input: RetryChunksInput!) { retryChunks(input: $input) { __typename
      ... on Error { message } ... on ConflictError { state } ... on LimitExceededError { limit } } }`,
    { input: { jobId, chunkIds } },
  );
  return answer;
}

async function ended(jobId: string, generation: number): Promise<Job> {
  return await waitFor(
    async () => {
      const job = await api.engine.getJob(jobId);
      return job.generation === generation && (job.state === 'COMPLETED' || job.state === 'FAILED') && job;
    },
    { description: `generation ${generation} of job ${jobId} to end` },
  );
}

interface Result {
  index: number;
  state: string;
  generation: number;
  fingerprint: string | null;
}

async function results(jobId: string): Promise<Result[]> {
  const { rows } = await api.engine.services.database.pool.query<Result>(
    'select index::int, state, generation, fingerprint from item_results where job_id = $1 order by index',
    [jobId],
  );
  return rows;
}

/** Of every ten items one was asked to fail and two do not fit, each for a reason of its own. */
function brokenItems(count: number) {
  return Array.from({ length: count }, (_, index) => {
    if (index % 10 === 1) return { value: 'x', fail: true };
    if (index % 10 === 2) return { value: 7 };
    if (index % 10 === 3) return { value: 'x', fail: 'yes' };
    return { value: `item ${index}` };
  });
}

describe('retryJob', () => {
  test('runs one failure group again, and leaves the other failures as they are', async () => {
    const items = brokenItems(100);
    const job = await api.engine.submit({ source: { kind: 'inline', items }, chunkSize: 10 });
    await ended(job.id, 0);
    const before = await results(job.id);
    const groups = new Set(before.flatMap(({ fingerprint }) => fingerprint ?? []));
    expect(groups.size).toBe(3);
    const fingerprint = before[1]?.fingerprint ?? '';
    expect(await retry(job.id, { selection: { fingerprint } })).toEqual({ __typename: 'RetryJobPayload' });
    await ended(job.id, 1);
    const after = await results(job.id);
    expect(after).toEqual(before.map((each) => (each.fingerprint === fingerprint ? { ...each, generation: 1 } : each)));
    expect(after.filter(({ generation }) => generation === 1)).toHaveLength(10);
  });

  test('of thousands of failures of three causes runs those of one, with other options', async () => {
    const lines = Array.from({ length: 4_000 }, (_, index) => {
      if (index % 10 === 2) return { value: 7 };
      return index % 10 === 3 ? { value: 'x', fail: 'yes' } : { value: `item ${index}` };
    });
    const uploadId = await api.upload('causes.jsonl', lines.map((line) => `${JSON.stringify(line)}\n`).join(''));
    const source = { kind: 'upload', uploadId: getUuid('Upload', uploadId), format: 'JSONL' } as const;
    const job = await api.engine.submit({ source, options: { failureRate: 0.375 } });
    await ended(job.id, 0);
    const before = await results(job.id);
    const groups = Map.groupBy(
      before.filter(({ state }) => state === 'FAILED'),
      ({ fingerprint }) => fingerprint ?? '',
    );
    const sizes = [...groups.values()].map(({ length }) => length).sort((a, b) => a - b);
    expect(sizes).toEqual([400, 400, expect.closeTo(1_200, -2)]);
    const [cause = ''] = [...groups].find(([, { length }]) => length > 400) ?? [];
    const spec = { echo: { failureRate: 0 } };
    expect(await retry(job.id, { selection: { fingerprint: cause }, spec })).toEqual({
      __typename: 'RetryJobPayload',
    });
    await ended(job.id, 1);
    expect(await results(job.id)).toEqual(
      before.map((each) =>
        each.fingerprint === cause ? { ...each, state: 'SUCCEEDED', generation: 1, fingerprint: null } : each,
      ),
    );
  });

  test('runs with other options, and every generation tells what it ran and what came of it', async () => {
    const { id } = await api.engine.submit({ chunkSize: 10, options: { failureRate: 0.5 } }, 40);
    const first = await ended(id, 0);
    const failed = (await results(id)).filter(({ state }) => state === 'FAILED').map(({ index }) => index);
    const chosen = failed.slice(0, 3);
    const itemIds = chosen.map((index) => toGlobalId('Item', `${id}/${index}`));
    const spec = { echo: { failureRate: 0, outputBytes: 5 } };
    expect(await retry(id, { selection: { itemIds: [...itemIds, ...itemIds] }, spec })).toEqual({
      __typename: 'RetryJobPayload',
    });
    await ended(id, 1);
    expect((await results(id)).filter(({ generation }) => generation === 1)).toEqual(
      chosen.map((index) => ({ index, state: 'SUCCEEDED', generation: 1, fingerprint: null })),
    );
    expect(await retry(id)).toEqual({ __typename: 'RetryJobPayload' });
    await ended(id, 2);
    const { job } = await api.client.query<{ job: unknown }>(
      `query ($id: ID!) { job(id: $id) { generations { generation by { name } selection fingerprint itemIndexes selected
        options { ... on EchoOptions { failureRate outputBytes } } countsBefore { failed succeeded } countsAfter { failed succeeded } } } }`,
      { id },
    );
    const common = { by: { name: 'test' }, fingerprint: null, itemIndexes: null };
    const changed = { failureRate: 0, outputBytes: 5 };
    const counts = (left: number) => ({ failed: String(left), succeeded: String(40 - left) });
    const [atFirst, atLast] = [counts(first.failed), counts(first.failed - 3)];
    const options = { failureRate: 0.5, outputBytes: 0 };
    expect(job).toEqual({
      generations: [
        {
          ...common,
          generation: 0,
          selection: null,
          selected: null,
          options,
          countsBefore: null,
          countsAfter: atFirst,
        },
        {
          ...common,
          generation: 1,
          selection: 'ITEMS',
          itemIndexes: chosen.map(String),
          selected: '3',
          options: changed,
          countsBefore: atFirst,
          countsAfter: atLast,
        },
        {
          ...common,
          generation: 2,
          selection: 'ALL_FAILURES',
          selected: String(first.failed - 3),
          options: changed,
          countsBefore: atLast,
          countsAfter: counts(0),
        },
      ],
    });
  });

  test('refuses what it cannot run, and then nothing has changed', async () => {
    const { id } = await api.engine.submit({ options: { failureRate: 0.5 } }, 10);
    await ended(id, 0);
    const good = (await results(id)).find(({ state }) => state === 'SUCCEEDED')?.index ?? -1;
    expect(await retry(id, { selection: { itemIndexes: [good] } })).toMatchObject({
      __typename: 'InvalidInputError',
      issues: [{ message: `Item ${good} is not FAILED: only failed items can run again.` }],
    });
    expect(await retry(id, { selection: { fingerprint: 'nothing' } })).toMatchObject({ __typename: 'NotFoundError' });
    expect(await retry(id, { selection: { failedChunks: true } })).toMatchObject({ __typename: 'ConflictError' });
    expect(await retry(id, { selection: { failedChunks: false } })).toMatchObject({ __typename: 'InvalidInputError' });
    expect(await retry(id, { selection: { itemIds: [id] } })).toMatchObject({ __typename: 'InvalidInputError' });
    expect(await retry(id, { selection: { itemIndexes: Array(1_001).fill(1) } })).toMatchObject({
      __typename: 'LimitExceededError',
      limit: '1000',
    });
    expect(await retry(id, { spec: { transactions: {} } })).toMatchObject({
      __typename: 'InvalidInputError',
      issues: [{ path: ['spec'] }],
    });
    expect(await retry(id, { spec: { echo: { failureRate: 2 } } })).toMatchObject({
      __typename: 'InvalidInputError',
      issues: [{ path: ['spec', 'echo', 'failureRate'] }],
    });
    expect(await api.engine.getJob(id)).toMatchObject({ state: 'COMPLETED', generation: 0 });
  });

  test('of a job that has not ended is refused with its state', async () => {
    const { id } = await api.engine.submit({ chunkSize: 1, options: { delayMs: 200, failureRate: 0.5 } }, 30);
    await api.engine.reach(id, 'RUNNING');
    expect(await retry(id)).toMatchObject({ __typename: 'ConflictError', state: 'RUNNING' });
    expect(await retryChunks(id)).toMatchObject({ __typename: 'ConflictError', state: 'RUNNING' });
    await api.engine.services.jobs.cancelJob(api.engine.viewer, id);
    await api.engine.reach(id, 'CANCELED');
    expect(await retry(id)).toMatchObject({ __typename: 'ConflictError', state: 'CANCELED' });
  });

  test('of a job that broke off goes on where it stopped, and takes no selection', async () => {
    const { id } = await api.engine.submit({ validation: 'STRICT' });
    await ended(id, 0);
    await api.engine.services.database.pool.query(`update jobs set state = 'FAILED' where id = $1`, [id]);
    await api.engine.services.database.pool.query(
      `update stages set state = 'FAILED' where job_id = $1 and name = 'AGGREGATE'`,
      [id],
    );
    expect(await retry(id, { selection: { itemIndexes: [1] } })).toMatchObject({ __typename: 'ConflictError' });
    expect(await retry(id, { spec: { echo: {} } })).toMatchObject({ __typename: 'ConflictError' });
    expect(await retry(id)).toEqual({ __typename: 'RetryJobPayload' });
    expect(await ended(id, 0)).toMatchObject({ state: 'COMPLETED', succeeded: 10 });
  });
});

describe('retryJob of a job with limits', () => {
  test('runs at a rate of its own, with new costs on top of what was spent', async () => {
    const spend = (costPerItem: string) => ({ failureRate: 0, costPerItem });
    const guardRails = { budget: { amount: '10', unit: 'CREDIT' } };
    const items = Array.from({ length: 20 }, (_, index) => ({ value: 'x', fail: index % 2 === 0 }));
    const { id } = await api.engine.submit(
      { guardRails, options: spend('0.10'), source: { kind: 'inline', items } },
      0,
    );
    const first = await ended(id, 0);
    expect(first.itemsPerSecond).toBeNull();
    expect(await retry(id, { itemsPerSecond: 0 })).toMatchObject({
      __typename: 'InvalidInputError',
      issues: [{ path: ['itemsPerSecond'], message: 'must be 0.01 to 100000, not 0' }],
    });
    expect(await retry(id, { itemsPerSecond: 40, spec: { echo: spend('0.50') } })).toMatchObject({
      __typename: 'RetryJobPayload',
    });
    expect(await ended(id, 1)).toMatchObject({ itemsPerSecond: 40 });
    const { rows } = await api.engine.services.database.pool.query(
      'select costs, spent_before from guard_rails where job_id = $1',
      [id],
    );
    expect(rows).toEqual([{ costs: { unit: 'CREDIT', perItem: { ECHO: '0.50' } }, spent_before: '2.00' }]);
    const { job } = await api.client.query<{ job: unknown }>(
      'query ($id: ID!) { job(id: $id) { generations { itemsPerSecond } } }',
      { id },
    );
    expect(job).toEqual({ generations: [{ itemsPerSecond: null }, { itemsPerSecond: 40 }] });
  });
});

describe('retryChunks', () => {
  interface ChunkRow {
    id: string;
    firstItem: string;
    lastItem: string;
    retries: number;
    retriedAs: number | null;
  }

  async function chunks(id: string, filter: object): Promise<ChunkRow[]> {
    const { job } = await api.client.query<{ job: { chunks: { nodes: ChunkRow[] } } }>(
      `query ($id: ID!, $filter: ChunkFilterInput) { job(id: $id) { chunks(filter: $filter, first: 100) { nodes {
        id firstItem lastItem retries retriedAs } } } }`,
      { id, filter },
    );
    return job.chunks.nodes;
  }

  const control = async (action: 'pauseJob' | 'resumeJob', jobId: string) =>
    await api.engine.services.jobs[action](api.engine.viewer, jobId);

  test('runs what failed in chunks again, each as a chunk that knows how often', async () => {
    const { pool } = api.engine.services.database;
    const { id } = await api.engine.submit({ chunkSize: 2, options: { delayMs: 400 } }, 80);
    await waitFor(async () => (await api.engine.getJob(id)).running > 0);
    await control('pauseJob', id);
    await api.engine.reach(id, 'PAUSED');
    // The next attempt at these is taken for one after ten that died.
    await pool.query('update chunks set broken = 10 where job_id = $1 and index = any($2)', [id, [30, 31, 35]]);
    await control('resumeJob', id);
    expect(await ended(id, 0)).toMatchObject({ state: 'COMPLETED', succeeded: 74, failed: 6 });

    const failed = await chunks(id, { states: ['FAILED'] });
    expect(failed).toMatchObject([
      { firstItem: '60', lastItem: '61', retries: 0, retriedAs: null },
      { firstItem: '62', lastItem: '63', retries: 0, retriedAs: null },
      { firstItem: '70', lastItem: '71', retries: 0, retriedAs: null },
    ]);
    const [first = '', second = '', third = ''] = failed.map((chunk) => chunk.id);
    expect(await retryChunks(id, [second, first])).toEqual({ __typename: 'RetryChunksPayload' });
    expect(await ended(id, 1)).toMatchObject({ state: 'COMPLETED', succeeded: 78, failed: 2 });
    expect(await chunks(id, { generation: 1 })).toMatchObject([
      { firstItem: '60', lastItem: '61', retries: 1, retriedAs: null },
      { firstItem: '62', lastItem: '63', retries: 1, retriedAs: null },
    ]);
    expect((await chunks(id, { states: ['FAILED'] })).map(({ retriedAs }) => retriedAs)).toEqual([1, 1, null]);

    expect(await retryChunks(id, [first])).toMatchObject({ __typename: 'ConflictError', state: 'FAILED' });
    expect(await retryChunks(id, ['nonsense'])).toMatchObject({ __typename: 'NotFoundError' });
    await pool.query('update chunks set retries = 3 where job_id = $1 and index = 35', [id]);
    expect(await retryChunks(id, [third])).toMatchObject({ __typename: 'LimitExceededError', limit: '3' });
    expect(await retryChunks(id)).toMatchObject({ __typename: 'LimitExceededError', limit: '3' });
    expect(await retry(id)).toEqual({ __typename: 'RetryJobPayload' });
    expect(await ended(id, 2)).toMatchObject({ state: 'COMPLETED', succeeded: 80, failed: 0 });
  });
});
