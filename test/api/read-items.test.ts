import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { execute, query } from '../support/graphql-context.ts';
import { createTestReader, type TestReader } from '../support/reader.ts';
import { halfDone, seedJob } from '../support/seed-job.ts';

let reader: TestReader;
let running: string;
let canceled: string;

beforeAll(async () => {
  reader = await createTestReader();
  running = await seedJob(reader.database, reader.viewer, halfDone);
  canceled = await seedJob(reader.database, reader.viewer, { state: 'CANCELED', total: 100, ended: 45, chunkSize: 10 });
});
afterAll(() => reader.close());

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
      const { job } = (await query(reader.context, page, { id, filter, first, after })) as Answer; // The query above answers it.
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
    const id = await seedJob(reader.database, reader.viewer, { state: 'RUNNING', total: 60, ended: 0, chunkSize: 10 });
    await reader.database.pool.query(
      "update stages set started_at = null, state = 'PENDING' where job_id = $1 and position = 2",
      [id],
    );
    await reader.database.pool.query(
      "update chunks set state = case index when 3 then 'RUNNING' when 2 then 'COMPLETED' else 'PENDING' end where job_id = $1 and stage = 1",
      [id],
    );
    await reader.database.pool.query('delete from chunks where job_id = $1 and stage = 2', [id]);
    const waiting = range(0, 60, (index) => index < 30 || index >= 40);
    expect(await readAll(id, null)).toEqual({ PENDING: waiting, RUNNING: range(30, 40) });
    expect(await readAll(id, { states: ['PENDING'] })).toEqual({ PENDING: waiting });
    expect(await readAll(id, { states: ['RUNNING'] })).toEqual({ RUNNING: range(30, 40) });
  });

  test('of a job that has no chunks yet are PENDING', async () => {
    const id = await seedJob(reader.database, reader.viewer, { state: 'RUNNING', total: 20, ended: 5, chunkSize: 10 });
    await reader.database.pool.query('delete from chunks where job_id = $1', [id]);
    await reader.database.pool.query(
      "update stages set started_at = null, state = 'PENDING' where job_id = $1 and kind = 'ITEMS'",
      [id],
    );
    expect(await readAll(id, { states: ['PENDING', 'RUNNING'] })).toEqual({ PENDING: range(5, 20) });
    expect(await readAll(id, { states: ['RUNNING'] })).toEqual({});
  });

  test('are typed, with the raw row where it does not fit', async () => {
    const source = `query ($id: ID!) { job(id: $id) { items(first: 4) { nodes { __typename index key generation attempts stage durationMs raw error { code field message fingerprint }
      ... on TransactionItem { input { reference amount currency occurredAt description } output { transactionId action } } } } } }`;
    expect(await query(reader.context, source, { id: running })).toMatchInlineSnapshot(`
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
      const { errors } = await execute(reader.context, page, { id: running, ...variables });
      expect(errors?.map(({ extensions }) => extensions)).toEqual([{ code: 'INVALID_INPUT' }]);
    }
  });
});
