import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { startTestApi, type TestApi } from '../support/api.ts';
import type { TestClient } from '../support/graphql-client.ts';

let api: TestApi;
let client: TestClient;
let stranger: TestClient;

beforeAll(async () => {
  api = await startTestApi();
  ({ client, stranger } = api);
  await api.engine.startWorker();
});
afterAll(() => api.close());

const header = 'reference,account,amount,currency,occurredAt,description';

async function submit(input: Record<string, unknown>): Promise<{ id: string; nextSteps: string[] }> {
  const { submitJob } = await client.query<{
    submitJob: { job?: { id: string }; nextSteps: string[]; message?: string };
  }>(
    `mutation ($input: SubmitJobInput!) {
       submitJob(input: $input) { ... on SubmitJobPayload { job { id } nextSteps } ... on Error { message } }
     }`,
    { input: { title: 'Test', ...input } },
  );
  if (!submitJob.job) throw new Error(submitJob.message);
  return { id: submitJob.job.id, nextSteps: submitJob.nextSteps };
}

describe('1,500 transactions from a file', () => {
  let jobId: string;
  let entries: Awaited<ReturnType<TestApi['follow']>>;

  beforeAll(async () => {
    const rows = Array.from({ length: 1_500 }, (_, index) => {
      const currency = index === 7 ? 'NOPE' : index % 2 === 0 ? 'EUR' : 'USD';
      return `main-${index === 9 ? 8 : index},ACC-1,0.1,${currency},2026-01-02T03:04:05Z,"Row, ""${index}"""`;
    });
    const uploadId = await api.upload('main.csv', [header, ...rows, ''].join('\n'));
    const job = await submit({
      spec: { transactions: { onDuplicate: 'FAIL' } },
      source: { upload: { uploadId } },
      exports: [{ format: 'CSV' }],
    });
    jobId = job.id;
    entries = await api.follow(jobId);
  });

  test('become three chunks of 500', async () => {
    const { job } = (await client.query(
      'query ($id: ID!) { job(id: $id) { chunks(filter: { stage: "INSERT" }) { nodes { firstItem lastItem state } } chunkProgress { total completed percent isComplete } } }',
      { id: jobId },
    )) as { job: unknown };
    expect(job).toEqual({
      chunks: {
        nodes: [
          { firstItem: '0', lastItem: '499', state: 'COMPLETED' },
          { firstItem: '500', lastItem: '999', state: 'COMPLETED' },
          { firstItem: '1000', lastItem: '1499', state: 'COMPLETED' },
        ],
      },
      chunkProgress: { total: 3, completed: 3, percent: 100, isComplete: true },
    });
  });

  test('are followed from submit to end without a gap', () => {
    expect(entries.map(({ sequence }) => Number(sequence))).toEqual(entries.map((_, index) => index + 1));
    expect(entries[0]?.__typename).toBe('JobSubmitted');
    expect(entries.at(-1)?.__typename).toBe('JobStateChanged');
    expect(entries.filter(({ __typename }) => __typename === 'ExportCompleted')).toHaveLength(1);
  });

  test('are summed up exactly, by currency and by account', async () => {
    const answer = await client.query<{ job: { aggregates: unknown; stages: { name: string }[]; canRetry: boolean } }>(
      `query ($id: ID!) { job(id: $id) { canRetry stages { name state }
         aggregates { ... on TransactionsAggregates { count succeeded failed skipped totalAmount averageAmount byCurrency { currency count totalAmount averageAmount }
           byAccount { account count totalAmount } none: byAccount(first: 0) { account } } } } }`,
      { id: jobId },
    );
    expect(answer.job).toEqual({
      canRetry: true,
      stages: ['INGEST', 'VALIDATE', 'INSERT', 'AGGREGATE'].map((name) => ({ name, state: 'COMPLETED' })),
      aggregates: {
        count: '1500',
        succeeded: '1498',
        failed: '2',
        skipped: '0',
        totalAmount: '149.8',
        averageAmount: '0.100000',
        byCurrency: [
          { currency: 'EUR', count: '750', totalAmount: '75.0', averageAmount: '0.100000' },
          { currency: 'USD', count: '748', totalAmount: '74.8', averageAmount: '0.100000' },
        ],
        byAccount: [{ account: 'ACC-1', count: '1498', totalAmount: '149.8' }],
        none: [],
      },
    });
  });

  test('have their failures grouped, each with an example', async () => {
    const { job } = await client.query<{ job: { failures: { nodes: unknown[] } } }>(
      'query ($id: ID!) { job(id: $id) { failures { nodes { code message count example { key error { field } } } } } }',
      { id: jobId },
    );
    expect(job.failures.nodes).toHaveLength(2);
    expect(job.failures.nodes).toContainEqual({
      code: 'INVALID_ITEM',
      count: '1',
      message: 'currency must be an ISO 4217 currency code like EUR, not "NOPE"',
      example: { key: 'main-7', error: { field: 'currency' } },
    });
    expect(job.failures.nodes).toContainEqual({
      code: 'DUPLICATE_REFERENCE',
      count: '1',
      message: expect.stringContaining('reference "main-8" is in the ledger already'),
      example: { key: 'main-8', error: { field: 'reference' } },
    });
  });

  test('are booked in the ledger, each once', async () => {
    const { transactions } = await client.query<{ transactions: { nodes: { reference: string; amount: string }[] } }>(
      'query ($id: ID!) { transactions(filter: { jobId: $id, references: ["main-1", "main-8"] }) { nodes { reference amount description } } }',
      { id: jobId },
    );
    expect(transactions.nodes).toEqual([
      { reference: 'main-1', amount: '0.1', description: 'Row, "1"' },
      { reference: 'main-8', amount: '0.1', description: 'Row, "8"' },
    ]);
  });

  test('come with the export that was asked for, by a signed link', async () => {
    const { job } = await client.query<{ job: { exports: { downloadUrl: string; byteSize: string }[] } }>(
      'query ($id: ID!) { job(id: $id) { exports { downloadUrl byteSize } } }',
      { id: jobId },
    );
    const [made] = job.exports;
    const response = await api.fetchLink(made?.downloadUrl ?? '');
    expect(response.headers.get('content-length')).toBe(made?.byteSize);
    expect(response.headers.get('content-disposition')).toMatch(/^attachment; filename="test-items\.csv"/);
    expect((await response.text()).trimEnd().split('\n')).toHaveLength(1_501);
  });

  test('are invisible to another project, whichever way it asks', async () => {
    const { createExport, ...rest } = await stranger.query<Record<string, unknown>>(
      `mutation ($id: ID!) {
         pauseJob(input: { jobId: $id }) { __typename }
         retryJob(input: { jobId: $id }) { __typename }
         cancelJob(input: { jobId: $id }) { __typename }
         deleteJob(input: { jobId: $id }) { __typename }
         createExport(input: { jobId: $id, format: CSV }) { __typename }
       }`,
      { id: jobId },
    );
    const notFound = { __typename: 'NotFoundError' };
    expect({ createExport, ...rest }).toEqual({
      pauseJob: notFound,
      retryJob: notFound,
      cancelJob: notFound,
      deleteJob: notFound,
      createExport: notFound,
    });
    expect(
      await stranger.query(
        'query ($id: ID!) { job(id: $id) { id } node(id: $id) { id } jobs { nodes { id } } transactions { nodes { id } } }',
        { id: jobId },
      ),
    ).toEqual({ job: null, node: null, jobs: { nodes: [] }, transactions: { nodes: [] } });
    for (const field of ['jobEvents(jobId: $id) { sequence }', 'jobProgress(jobId: $id) { id }']) {
      await expect(stranger.subscribe(`subscription ($id: ID!) { ${field} }`, { id: jobId }).next()).rejects.toThrow(
        'NOT_FOUND',
      );
    }
  });
});

describe('validation', () => {
  const bad = [header, 'v-1,A,1.00,EUR,2026-01-02,', 'v-2,,x,EUR,2026-01-02,', 'v-3,A,"1,234.50",eur,2026-01-02,'].join(
    '\n',
  );

  test('STRICT refuses the job and lists its problems with row and field', async () => {
    const { id } = await submit({
      spec: { transactions: {} },
      validation: 'STRICT',
      source: { upload: { uploadId: await api.upload('strict.csv', bad) } },
    });
    await api.follow(id);
    const { job } = await client.query<{ job: unknown }>(
      'query ($id: ID!) { job(id: $id) { state message progress { total } problems { row field } stages { name state } } }',
      { id },
    );
    expect(job).toMatchObject({
      state: 'FAILED',
      progress: { total: '0' },
      problems: [
        { row: '2', field: 'account' },
        { row: '2', field: 'amount' },
        { row: '3', field: 'amount' },
        { row: '3', field: 'currency' },
      ],
    });
  });

  test('STRICT refuses items that come with the request at once', async () => {
    const { submitJob } = await client.query<{ submitJob: unknown }>(
      `mutation { submitJob(input: { title: "Strict", validation: STRICT, spec: { transactions: {} }, source: { inline: { items: [{ reference: "a" }] } } }) {
         __typename ... on InvalidInputError { issues { row field } } } }`,
    );
    expect(submitJob).toMatchObject({
      __typename: 'InvalidInputError',
      issues: expect.arrayContaining([{ row: '1', field: 'account' }]),
    });
  });

  test('PERMISSIVE takes what can be understood', async () => {
    const { id } = await submit({
      spec: { transactions: {} },
      validation: 'PERMISSIVE',
      source: { upload: { uploadId: await api.upload('permissive.csv', bad) } },
    });
    await api.follow(id);
    const { transactions } = await client.query<{ transactions: unknown }>(
      'query ($id: ID!) { transactions(filter: { jobId: $id }) { nodes { reference amount currency } } }',
      { id },
    );
    expect(transactions).toEqual({
      nodes: [
        { reference: 'v-1', amount: '1.00', currency: 'EUR' },
        { reference: 'v-3', amount: '1234.50', currency: 'EUR' },
      ],
    });
  });
});

test('aggregates are not ready before the end, and say so with the state', async () => {
  const { id } = await submit({
    chunkSize: 1,
    spec: { echo: { delayMs: 2_000 } },
    source: { inline: { items: [{}, {}, {}] } },
  });
  const { job } = await client.query<{ job: { aggregates: unknown } }>(
    'query ($id: ID!) { job(id: $id) { aggregates { __typename ... on AggregatesNotReadyError { code state } } pollAfterMs } }',
    { id },
  );
  expect(job).toMatchObject({
    aggregates: {
      __typename: 'AggregatesNotReadyError',
      code: 'AGGREGATES_NOT_READY',
      state: expect.stringMatching(/PENDING|RUNNING/),
    },
  });
  await client.query('mutation ($id: ID!) { cancelJob(input: { jobId: $id }) { __typename } }', { id });
  const last = (await api.follow(id)).at(-1);
  expect(last?.__typename).toBe('JobStateChanged');
});

test('amounts stay exact however many digits they have', async () => {
  const amount = '12345678901234567890.123';
  const row = `{"reference":"digits","account":"A","amount":${amount},"currency":"KWD","occurredAt":"2026-01-02"}`;
  const small = `{"reference":"cents","account":"A","amount":0.10,"currency":"EUR","occurredAt":"2026-01-02"}`;
  const { id } = await submit({
    spec: { transactions: {} },
    source: { upload: { uploadId: await api.upload('digits.jsonl', `${row}\n${small}\n`) } },
  });
  await api.follow(id);
  const { job } = await client.query<{ job: { items: unknown } }>(
    'query ($id: ID!) { job(id: $id) { items { nodes { state error { message } ... on TransactionItem { input { amount } } } } } }',
    { id },
  );
  expect(job.items).toMatchObject({ nodes: [{ input: { amount } }, { state: 'SUCCEEDED', input: { amount: '0.1' } }] });
});
