import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { toGlobalId } from '../../schema/global-id.ts';
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

describe('chunks', () => {
  const source = `query ($id: ID!, $filter: ChunkFilterInput) { job(id: $id) { chunks(filter: $filter, first: 2) {
    nodes { stage index generation firstItem lastItem state attempts } pageInfo { hasNextPage } } } }`;

  test('can be filtered, and fetched again as nodes', async () => {
    const filter = { stage: 'INSERT', states: ['RUNNING', 'COMPLETED'], generation: 0 };
    expect(await query(reader.context, source, { id: running, filter })).toMatchInlineSnapshot(`
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
    expect(await query(reader.context, node, { id })).toEqual({
      node: { __typename: 'Chunk', id, stage: 'INSERT', state: 'RUNNING' },
    });
    expect(await query(reader.stranger, node, { id })).toEqual({ node: null });
  });

  test('of a stage that the job does not have are none', async () => {
    expect(await query(reader.context, source, { id: running, filter: { stage: 'NONE' } })).toEqual({
      job: { chunks: { nodes: [], pageInfo: { hasNextPage: false } } },
    });
  });
});
