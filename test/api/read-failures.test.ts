import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { query } from '../support/graphql-context.ts';
import { createTestReader, type TestReader } from '../support/reader.ts';
import { halfDone, seedJob } from '../support/seed-job.ts';

let reader: TestReader;
let running: string;

beforeAll(async () => {
  reader = await createTestReader();
  running = await seedJob(reader.database, reader.viewer, halfDone);
});
afterAll(() => reader.close());

describe('failures', () => {
  test('are grouped by error, the largest group first, page by page', async () => {
    const source = `query ($id: ID!, $after: String) { job(id: $id) { failures(first: 1, after: $after) {
      nodes { fingerprint code message count example { index key ... on TransactionItem { input { reference } } } } pageInfo { hasNextPage endCursor } } } }`;
    const first = await query(reader.context, source, { id: running });
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
    expect(await query(reader.context, source, { id: running, after: job.failures.pageInfo.endCursor }))
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
