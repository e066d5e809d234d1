import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { toGlobalId } from '../../schema/global-id.ts';
import { query } from '../support/graphql-context.ts';
import { createTestReader, type TestReader } from '../support/reader.ts';
import { halfDone, seedJob } from '../support/seed-job.ts';

let reader: TestReader;
let running: string;

beforeAll(async () => {
  reader = await createTestReader();
  running = await seedJob(reader.database, reader.viewer, { ...halfDone, key: 'my-key' });
});
afterAll(() => reader.close());

const jobFields = `
  key title type state priority message generation lastSequence canRetry allowedActions pollAfterMs tips
  metadata validation options { __typename ... on TransactionsOptions { onDuplicate } }
  progress { percent total pending running succeeded failed skipped canceled currentStage rateLimited { provider } }
  stages { name kind position state total completed failed percent }
  chunkProgress { total pending running completed failed percent isComplete }
  aggregates { __typename ... on AggregatesNotReadyError { code state message } }`;

describe('a job', () => {
  test('tells everything about itself', async () => {
    expect(await query(reader.context, `query ($id: ID!) { job(id: $id) { ${jobFields} } }`, { id: running }))
      .toMatchInlineSnapshot(`
      {
        "job": {
          "aggregates": {
            "__typename": "AggregatesNotReadyError",
            "code": "AGGREGATES_NOT_READY",
            "message": "Aggregates are ready when the job is COMPLETED; it is RUNNING.",
            "state": "RUNNING",
          },
          "allowedActions": [
            "PAUSE",
            "CANCEL",
          ],
          "canRetry": false,
          "chunkProgress": {
            "completed": 4,
            "failed": 0,
            "isComplete": false,
            "pending": 5,
            "percent": 40,
            "running": 1,
            "total": 10,
          },
          "generation": 0,
          "key": "my-key",
          "lastSequence": "3",
          "message": "Inserting 450 of 1,000 (45 %)",
          "metadata": {
            "team": "billing",
          },
          "options": {
            "__typename": "TransactionsOptions",
            "onDuplicate": "SKIP",
          },
          "pollAfterMs": 1000,
          "priority": "NORMAL",
          "progress": {
            "canceled": "0",
            "currentStage": "INSERT",
            "failed": "45",
            "pending": "500",
            "percent": 58.75,
            "rateLimited": null,
            "running": "50",
            "skipped": "45",
            "succeeded": "360",
            "total": "1000",
          },
          "stages": [
            {
              "completed": "1000",
              "failed": "0",
              "kind": "INGEST",
              "name": "INGEST",
              "percent": 100,
              "position": 0,
              "state": "COMPLETED",
              "total": "1000",
            },
            {
              "completed": "1000",
              "failed": "0",
              "kind": "ITEMS",
              "name": "VALIDATE",
              "percent": 100,
              "position": 1,
              "state": "COMPLETED",
              "total": "1000",
            },
            {
              "completed": "450",
              "failed": "45",
              "kind": "ITEMS",
              "name": "INSERT",
              "percent": 45,
              "position": 2,
              "state": "RUNNING",
              "total": "1000",
            },
            {
              "completed": "0",
              "failed": "0",
              "kind": "ONCE",
              "name": "AGGREGATE",
              "percent": 0,
              "position": 3,
              "state": "PENDING",
              "total": "0",
            },
          ],
          "state": "RUNNING",
          "tips": [
            "Results can be read from Job.items while the job is running.",
          ],
          "title": "Seeded",
          "type": "TRANSACTIONS",
          "validation": "MODERATE",
        },
      }
    `);
  });

  test('is found by its global id, its plain id, its key and as a node', async () => {
    const id = toGlobalId('Job', running);
    const source = `query ($id: ID!, $plain: ID!) {
      byId: job(id: $id) { id } byPlainId: job(id: $plain) { id } byKey: jobByKey(key: "my-key") { id } node(id: $id) { __typename id }
    }`;
    expect(await query(reader.context, source, { id, plain: running.toUpperCase() })).toEqual({
      byId: { id },
      byPlainId: { id },
      byKey: { id },
      node: { __typename: 'Job', id },
    });
  });

  test('of another project, deleted or with an id that is none is not there', async () => {
    const deleted = await seedJob(reader.database, reader.viewer, {
      state: 'COMPLETED',
      total: 1,
      ended: 1,
      chunkSize: 1,
      key: 'deleted',
    });
    await reader.database.pool.query('update jobs set deleted_at = now() where id = $1', [deleted]);
    const source =
      'query ($id: ID!, $key: String!) { job(id: $id) { id } node(id: $id) { id } jobByKey(key: $key) { id } }';
    const nothing = { job: null, node: null, jobByKey: null };
    expect(await query(reader.stranger, source, { id: toGlobalId('Job', running), key: 'my-key' })).toEqual(nothing);
    expect(await query(reader.context, source, { id: toGlobalId('Job', deleted), key: 'deleted' })).toEqual(nothing);
    for (const id of [
      '',
      'nonsense',
      toGlobalId('Job', 'x'),
      toGlobalId('Item', running),
      'Sm9iOg==',
      '💥',
      "'; drop table jobs",
    ]) {
      expect(await query(reader.context, source, { id, key: 'none' })).toEqual(nothing);
    }
  });

  test('that was refused lists its problems', async () => {
    const problems = [{ row: 3, field: 'amount', message: 'must be a decimal number' }];
    const id = await seedJob(reader.database, reader.viewer, {
      state: 'FAILED',
      total: 1,
      ended: 0,
      chunkSize: 1,
      problems,
    });
    const source = 'query ($id: ID!) { job(id: $id) { problems { row field message } nextSteps } }';
    expect(await query(reader.context, source, { id })).toEqual({
      job: {
        problems: [{ row: '3', field: 'amount', message: 'must be a decimal number' }],
        nextSteps: ['Read Job.problems, correct the source and submit it again.'],
      },
    });
  });

  test('that is complete tells its aggregates, typed and exact', async () => {
    const byCurrency = [{ currency: 'EUR', count: 2, totalAmount: '25.00', averageAmount: '12.500000' }];
    const aggregates = {
      count: 2,
      succeeded: 2,
      failed: 0,
      skipped: 0,
      totalAmount: '25.00',
      averageAmount: '12.500000',
      byCurrency,
    };
    const id = await seedJob(reader.database, reader.viewer, {
      state: 'COMPLETED',
      total: 2,
      ended: 2,
      chunkSize: 2,
      aggregates,
    });
    const source = `query ($id: ID!) { job(id: $id) { message progress { percent etaMs currentStage } aggregates { __typename ... on TransactionsAggregates {
      count totalAmount byCurrency { currency count totalAmount averageAmount } byAccount { account } } } } }`;
    expect(await query(reader.context, source, { id })).toEqual({
      job: {
        message: 'Completed: 2 succeeded, 0 failed',
        progress: { percent: 100, etaMs: null, currentStage: null },
        aggregates: {
          __typename: 'TransactionsAggregates',
          count: '2',
          totalAmount: '25.00',
          byCurrency: [{ currency: 'EUR', count: '2', totalAmount: '25.00', averageAmount: '12.500000' }],
          // Its job type did not group by account when the job ended.
          byAccount: [],
        },
      },
    });
  });
});

test('the journal is read in order, from any entry on', async () => {
  const source = `query ($id: ID!) { job(id: $id) { events(afterSequence: "1", first: 1) { nodes { __typename jobId sequence ... on JobStateChanged { from to by } }
    pageInfo { hasNextPage hasPreviousPage } } all: events { nodes { __typename sequence } } } }`;
  expect(await query(reader.context, source, { id: running })).toEqual({
    job: {
      events: {
        nodes: [
          {
            __typename: 'JobStateChanged',
            jobId: toGlobalId('Job', running),
            sequence: '2',
            from: 'PENDING',
            to: 'RUNNING',
            by: 'longhaul',
          },
        ],
        pageInfo: { hasNextPage: true, hasPreviousPage: true },
      },
      all: {
        nodes: [
          { __typename: 'JobSubmitted', sequence: '1' },
          { __typename: 'JobStateChanged', sequence: '2' },
          { __typename: 'StageStarted', sequence: '3' },
        ],
      },
    },
  });
});
