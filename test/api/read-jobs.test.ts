import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Context } from '../../schema/context.ts';
import { toGlobalId } from '../../schema/global-id.ts';
import { createTestDatabase, type TestDatabase } from '../support/database.ts';
import { createTestProject, type TestViewer } from '../support/project.ts';
import { createContext, execute, query } from '../support/graphql-context.ts';
import { seedJob } from '../support/seed-job.ts';

let db: TestDatabase;
let viewer: TestViewer;
let context: Context;
let stranger: Context;
let running: string;
let canceled: string;

beforeAll(async () => {
  db = await createTestDatabase();
  viewer = await createTestProject(db.database);
  context = createContext(db.database, viewer);
  stranger = createContext(db.database, await createTestProject(db.database));
  running = await seedJob(db.database, viewer, {
    state: 'RUNNING',
    total: 1_000,
    ended: 450,
    chunkSize: 100,
    runningChunk: 4,
    key: 'my-key',
  });
  canceled = await seedJob(db.database, viewer, { state: 'CANCELED', total: 100, ended: 45, chunkSize: 10 });
});

afterAll(() => db.close());

const jobFields = `
  key title type state priority message generation lastSequence canRetry allowedActions pollAfterMs tips
  metadata validation options { __typename ... on TransactionsOptions { onDuplicate } }
  progress { percent total pending running succeeded failed skipped canceled currentStage rateLimited { provider } }
  stages { name kind position state total completed failed percent }
  chunkProgress { total pending running completed failed percent isComplete }
  aggregates { __typename ... on AggregatesNotReadyError { code state message } }`;

describe('a job', () => {
  test('tells everything about itself', async () => {
    expect(await query(context, `query ($id: ID!) { job(id: $id) { ${jobFields} } }`, { id: running }))
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
    expect(await query(context, source, { id, plain: running.toUpperCase() })).toEqual({
      byId: { id },
      byPlainId: { id },
      byKey: { id },
      node: { __typename: 'Job', id },
    });
  });

  test('of another project, deleted or with an id that is none is not there', async () => {
    const deleted = await seedJob(db.database, viewer, {
      state: 'COMPLETED',
      total: 1,
      ended: 1,
      chunkSize: 1,
      key: 'deleted',
    });
    await db.database.pool.query('update jobs set deleted_at = now() where id = $1', [deleted]);
    const source =
      'query ($id: ID!, $key: String!) { job(id: $id) { id } node(id: $id) { id } jobByKey(key: $key) { id } }';
    const nothing = { job: null, node: null, jobByKey: null };
    expect(await query(stranger, source, { id: toGlobalId('Job', running), key: 'my-key' })).toEqual(nothing);
    expect(await query(context, source, { id: toGlobalId('Job', deleted), key: 'deleted' })).toEqual(nothing);
    for (const id of [
      '',
      'nonsense',
      toGlobalId('Job', 'x'),
      toGlobalId('Item', running),
      'Sm9iOg==',
      '💥',
      "'; drop table jobs",
    ]) {
      expect(await query(context, source, { id, key: 'none' })).toEqual(nothing);
    }
  });

  test('that was refused lists its problems', async () => {
    const problems = [{ row: 3, field: 'amount', message: 'must be a decimal number' }];
    const id = await seedJob(db.database, viewer, { state: 'FAILED', total: 1, ended: 0, chunkSize: 1, problems });
    const source = 'query ($id: ID!) { job(id: $id) { problems { row field message } nextSteps } }';
    expect(await query(context, source, { id })).toEqual({
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
    const id = await seedJob(db.database, viewer, { state: 'COMPLETED', total: 2, ended: 2, chunkSize: 2, aggregates });
    const source = `query ($id: ID!) { job(id: $id) { message progress { percent etaMs currentStage } aggregates { __typename ... on TransactionsAggregates {
      count totalAmount byCurrency { currency count totalAmount averageAmount } byAccount { account } } } } }`;
    expect(await query(context, source, { id })).toEqual({
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

describe('items', () => {
  const page = `query ($id: ID!, $filter: ItemFilterInput, $first: Int, $after: String) { job(id: $id) { items(filter: $filter, first: $first, after: $after) {
    nodes { index state } pageInfo { hasNextPage hasPreviousPage endCursor } } } }`;

  interface Answer {
    job: {
      items: {
        nodes: { index: string; state: string }[];
        pageInfo: { hasNextPage: boolean; endCursor: string | null };
      };
    };
  }

  /** All indexes by state, read page by page. */
  async function readAll(id: string, filter: object | null, first = 7): Promise<Record<string, number[]>> {
    const found: { index: string; state: string }[] = [];
    for (let after: string | null = null, more = true; more;) {
      const { job } = (await query(context, page, { id, filter, first, after })) as Answer; // The query above answers it.
      found.push(...job.items.nodes);
      ({ endCursor: after, hasNextPage: more } = job.items.pageInfo);
    }
    const byState = Map.groupBy(found, ({ state }) => state);
    return Object.fromEntries([...byState].map(([state, items]) => [state, items.map(({ index }) => Number(index))]));
  }

  const range = (from: number, to: number, keep: (index: number) => boolean = () => true) =>
    Array.from({ length: to - from }, (_, offset) => from + offset).filter(keep);
  const failedOf = (ended: number) => range(0, ended, (index) => index % 10 === 3);
  const skippedOf = (ended: number) => range(0, ended, (index) => index % 10 === 4);
  const succeededOf = (ended: number) => range(0, ended, (index) => index % 10 !== 3 && index % 10 !== 4);

  test('of a running job are each in one state, in the order of the source', async () => {
    expect(await readAll(running, null, 100)).toEqual({
      SUCCEEDED: succeededOf(450),
      FAILED: failedOf(450),
      SKIPPED: skippedOf(450),
      RUNNING: range(450, 500),
      PENDING: range(500, 1_000),
    });
  });

  test('can be read state by state and give the same', async () => {
    expect(await readAll(running, { states: ['FAILED', 'SKIPPED'] })).toEqual({
      FAILED: failedOf(450),
      SKIPPED: skippedOf(450),
    });
    expect(await readAll(running, { states: ['RUNNING'] })).toEqual({ RUNNING: range(450, 500) });
    expect(await readAll(running, { states: ['PENDING', 'SKIPPED'] }, 60)).toEqual({
      PENDING: range(500, 1_000),
      SKIPPED: skippedOf(450),
    });
    expect(await readAll(running, { states: ['PENDING', 'RUNNING'] }, 100)).toEqual({
      PENDING: range(500, 1_000),
      RUNNING: range(450, 500),
    });
    expect(await readAll(running, { states: ['CANCELED'] })).toEqual({});
    expect(await readAll(running, { states: [] })).toEqual({});
  });

  test('of a canceled job that have no result are CANCELED', async () => {
    const expected = {
      SUCCEEDED: succeededOf(45),
      FAILED: failedOf(45),
      SKIPPED: skippedOf(45),
      CANCELED: range(45, 100),
    };
    expect(await readAll(canceled, null)).toEqual(expected);
    expect(await readAll(canceled, { states: ['CANCELED'] })).toEqual({ CANCELED: range(45, 100) });
    expect(await readAll(canceled, { states: ['PENDING', 'RUNNING'] })).toEqual({});
  });

  test('can be filtered by error', async () => {
    expect(await readAll(running, { errorCode: 'RARE' })).toEqual({ FAILED: [3, 103, 203, 303, 403] });
    expect(await readAll(running, { fingerprint: 'f-rare', states: ['FAILED'] })).toEqual({
      FAILED: [3, 103, 203, 303, 403],
    });
    expect(await readAll(running, { fingerprint: 'f-rare', states: ['SUCCEEDED'] })).toEqual({});
  });

  test('of a job whose stage before the last is at work wait in chunks that are done with it', async () => {
    const id = await seedJob(db.database, viewer, { state: 'RUNNING', total: 60, ended: 0, chunkSize: 10 });
    await db.database.pool.query(
      "update stages set started_at = null, state = 'PENDING' where job_id = $1 and position = 2",
      [id],
    );
    await db.database.pool.query(
      "update chunks set state = case index when 3 then 'RUNNING' when 2 then 'COMPLETED' else 'PENDING' end where job_id = $1 and stage = 1",
      [id],
    );
    await db.database.pool.query('delete from chunks where job_id = $1 and stage = 2', [id]);
    const waiting = range(0, 60, (index) => index < 30 || index >= 40);
    expect(await readAll(id, null)).toEqual({ PENDING: waiting, RUNNING: range(30, 40) });
    expect(await readAll(id, { states: ['PENDING'] })).toEqual({ PENDING: waiting });
    expect(await readAll(id, { states: ['RUNNING'] })).toEqual({ RUNNING: range(30, 40) });
  });

  test('of a job that has no chunks yet are PENDING', async () => {
    const id = await seedJob(db.database, viewer, { state: 'RUNNING', total: 20, ended: 5, chunkSize: 10 });
    await db.database.pool.query('delete from chunks where job_id = $1', [id]);
    await db.database.pool.query(
      "update stages set started_at = null, state = 'PENDING' where job_id = $1 and kind = 'ITEMS'",
      [id],
    );
    expect(await readAll(id, { states: ['PENDING', 'RUNNING'] })).toEqual({ PENDING: range(5, 20) });
    expect(await readAll(id, { states: ['RUNNING'] })).toEqual({});
  });

  test('are typed, with the raw row where it does not fit', async () => {
    const source = `query ($id: ID!) { job(id: $id) { items(first: 4) { nodes { __typename index key generation attempts stage durationMs raw error { code field message fingerprint }
      ... on TransactionItem { input { reference amount currency occurredAt description } output { transactionId action } } } } } }`;
    expect(await query(context, source, { id: running })).toMatchInlineSnapshot(`
      {
        "job": {
          "items": {
            "nodes": [
              {
                "__typename": "TransactionItem",
                "attempts": 1,
                "durationMs": 5,
                "error": null,
                "generation": 0,
                "index": "0",
                "input": {
                  "amount": "12.50",
                  "currency": "EUR",
                  "description": null,
                  "occurredAt": "2026-01-01T00:00:00.000Z",
                  "reference": "REF-0",
                },
                "key": "REF-0",
                "output": {
                  "action": "INSERTED",
                  "transactionId": "0",
                },
                "raw": {
                  "account": "A1",
                  "amount": "12.50",
                  "currency": "EUR",
                  "occurredAt": "2026-01-01T00:00:00.000Z",
                  "reference": "REF-0",
                },
                "stage": "INSERT",
              },
              {
                "__typename": "TransactionItem",
                "attempts": 1,
                "durationMs": 5,
                "error": null,
                "generation": 0,
                "index": "1",
                "input": null,
                "key": "REF-1",
                "output": {
                  "action": "INSERTED",
                  "transactionId": "1",
                },
                "raw": {
                  "amount": "lots",
                },
                "stage": "INSERT",
              },
              {
                "__typename": "TransactionItem",
                "attempts": 1,
                "durationMs": 5,
                "error": null,
                "generation": 0,
                "index": "2",
                "input": {
                  "amount": "12.50",
                  "currency": "EUR",
                  "description": null,
                  "occurredAt": "2026-01-01T00:00:00.000Z",
                  "reference": "REF-2",
                },
                "key": "REF-2",
                "output": {
                  "action": "INSERTED",
                  "transactionId": "2",
                },
                "raw": {
                  "account": "A1",
                  "amount": "12.50",
                  "currency": "EUR",
                  "occurredAt": "2026-01-01T00:00:00.000Z",
                  "reference": "REF-2",
                },
                "stage": "INSERT",
              },
              {
                "__typename": "TransactionItem",
                "attempts": 1,
                "durationMs": 5,
                "error": {
                  "code": "RARE",
                  "field": "reference",
                  "fingerprint": "f-rare",
                  "message": "item 3 is there",
                },
                "generation": 0,
                "index": "3",
                "input": {
                  "amount": "12.50",
                  "currency": "EUR",
                  "description": null,
                  "occurredAt": "2026-01-01T00:00:00.000Z",
                  "reference": "REF-3",
                },
                "key": "REF-3",
                "output": null,
                "raw": {
                  "account": "A1",
                  "amount": "12.50",
                  "currency": "EUR",
                  "occurredAt": "2026-01-01T00:00:00.000Z",
                  "reference": "REF-3",
                },
                "stage": "INSERT",
              },
            ],
          },
        },
      }
    `);
  });

  test('refuse a page that is too large and a cursor that is none of theirs', async () => {
    for (const variables of [
      { first: 101 },
      { first: -1 },
      { after: 'nonsense' },
      { after: Buffer.from('["x"]').toString('base64url') },
    ]) {
      const { errors } = await execute(context, page, { id: running, ...variables });
      expect(errors?.map(({ extensions }) => extensions)).toEqual([{ code: 'INVALID_INPUT' }]);
    }
  });
});

describe('failures', () => {
  test('are grouped by error, the largest group first, page by page', async () => {
    const source = `query ($id: ID!, $after: String) { job(id: $id) { failures(first: 1, after: $after) {
      nodes { fingerprint code message count example { index key ... on TransactionItem { input { reference } } } } pageInfo { hasNextPage endCursor } } } }`;
    const first = await query(context, source, { id: running });
    expect(first).toMatchInlineSnapshot(`
      {
        "job": {
          "failures": {
            "nodes": [
              {
                "code": "DUPLICATE",
                "count": "40",
                "example": {
                  "index": "13",
                  "input": {
                    "reference": "REF-13",
                  },
                  "key": "REF-13",
                },
                "fingerprint": "f-often",
                "message": "item 13 is there",
              },
            ],
            "pageInfo": {
              "endCursor": "WzQwLCJmLW9mdGVuIl0",
              "hasNextPage": true,
            },
          },
        },
      }
    `);
    const { job } = first as { job: { failures: { pageInfo: { endCursor: string } } } }; // The query above answers it.
    expect(await query(context, source, { id: running, after: job.failures.pageInfo.endCursor }))
      .toMatchInlineSnapshot(`
      {
        "job": {
          "failures": {
            "nodes": [
              {
                "code": "RARE",
                "count": "5",
                "example": {
                  "index": "3",
                  "input": {
                    "reference": "REF-3",
                  },
                  "key": "REF-3",
                },
                "fingerprint": "f-rare",
                "message": "item 3 is there",
              },
            ],
            "pageInfo": {
              "endCursor": "WzUsImYtcmFyZSJd",
              "hasNextPage": false,
            },
          },
        },
      }
    `);
  });
});

describe('chunks', () => {
  const source = `query ($id: ID!, $filter: ChunkFilterInput) { job(id: $id) { chunks(filter: $filter, first: 2) {
    nodes { stage index generation firstItem lastItem state attempts } pageInfo { hasNextPage } } } }`;

  test('can be filtered, and fetched again as nodes', async () => {
    const filter = { stage: 'INSERT', states: ['RUNNING', 'COMPLETED'], generation: 0 };
    expect(await query(context, source, { id: running, filter })).toMatchInlineSnapshot(`
      {
        "job": {
          "chunks": {
            "nodes": [
              {
                "attempts": 1,
                "firstItem": "0",
                "generation": 0,
                "index": 0,
                "lastItem": "99",
                "stage": "INSERT",
                "state": "COMPLETED",
              },
              {
                "attempts": 1,
                "firstItem": "100",
                "generation": 0,
                "index": 1,
                "lastItem": "199",
                "stage": "INSERT",
                "state": "COMPLETED",
              },
            ],
            "pageInfo": {
              "hasNextPage": true,
            },
          },
        },
      }
    `);
    const id = toGlobalId('Chunk', `${running}/2/0/4`);
    const node = 'query ($id: ID!) { node(id: $id) { __typename ... on Chunk { id stage state } } }';
    expect(await query(context, node, { id })).toEqual({
      node: { __typename: 'Chunk', id, stage: 'INSERT', state: 'RUNNING' },
    });
    expect(await query(stranger, node, { id })).toEqual({ node: null });
  });

  test('of a stage that the job does not have are none', async () => {
    expect(await query(context, source, { id: running, filter: { stage: 'NONE' } })).toEqual({
      job: { chunks: { nodes: [], pageInfo: { hasNextPage: false } } },
    });
  });
});

test('the journal is read in order, from any entry on', async () => {
  const source = `query ($id: ID!) { job(id: $id) { events(afterSequence: "1", first: 1) { nodes { __typename jobId sequence ... on JobStateChanged { from to by } }
    pageInfo { hasNextPage hasPreviousPage } } all: events { nodes { __typename sequence } } } }`;
  expect(await query(context, source, { id: running })).toEqual({
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
