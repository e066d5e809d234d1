import { getIntrospectionQuery } from 'graphql';
import { afterAll, beforeAll, expect, test } from 'vitest';
import * as quickstart from '../../src/cli/quickstart/operations.ts';
import { readExamples } from '../../src/http/graphiql/examples.ts';
import { startTestApi, type TestApi } from '../support/api.ts';

let api: TestApi;
beforeAll(async () => {
  api = await startTestApi();
});
afterAll(() => api.close());

const repeat = (count: number, piece: (index: number) => string) =>
  Array.from({ length: count }, (_, index) => piece(index)).join(' ');

const page = 'jobs(first: 100) { nodes { items(first: 100) { nodes { id key state } } } }';
const deep = `{ jobs { edges { node { ${'exports { job { '.repeat(5)} id ${'} }'.repeat(5)} } } } }`;
const broad = '{ items(first: 100) { nodes { id } } chunks(first: 100) { nodes { id } } }';

const tooMuch: [string, string, string][] = [
  ['too deep', deep, 'Depth limit of 12 exceeded, found 14.'],
  ['too dear', `{ ${page} }`, 'Cost limit of 20000 exceeded, found 40201.'],
  ['too dear in a fragment', `{ ...F } fragment F on Query { ${page} }`, 'Cost limit of 20000 exceeded, found 40201.'],
  [
    'too dear as a subscription',
    `subscription { jobsChanged { exports { job { exports { job { exports { job ${broad} } } } } } } }`,
    'Cost limit of 20000 exceeded, found 50437.',
  ],
  [
    'full of aliases',
    `{ ${repeat(16, (index) => `a${index}: __typename`)} }`,
    'Aliases limit of 15 exceeded, found 16.',
  ],
  [
    'full of directives',
    `{ ${repeat(6, (index) => `a${index}: __typename @include(if: true)`)} }`,
    'Directives limit of 5 exceeded, found 6.',
  ],
  ['too long', `{ ${'__typename '.repeat(20_000)} }`, 'Token limit of 20000 exceeded, found more.'],
];

test.each(tooMuch)(
  'an operation that is %s is refused by POST, as a stream and on a socket',
  async (_, query, message) => {
    const refusal = { message, extensions: { code: 'LIMIT_EXCEEDED' } };
    expect(await api.client.send(query)).toMatchObject({ errors: [refusal] });
    const messages = (await follow(query)).split('\n').filter((line) => line.startsWith('data: {'));
    expect(messages.map((line): unknown => JSON.parse(line.slice('data: '.length)))).toMatchObject([
      { errors: [refusal] },
    ]);
    const answer = api.client.subscribe(query).next();
    await expect(answer).rejects.toThrow(message);
    await expect(answer).rejects.toThrow('"code":"LIMIT_EXCEEDED"');
  },
);

test('a page size in a variable counts, and the same text with a smaller one is answered', async () => {
  const query =
    'query ($first: Int) { jobs(first: $first) { nodes { items(first: 100) { nodes { id key state } } } } }';
  expect(await api.client.send(query, { first: 40 })).toEqual({ data: { jobs: { nodes: [] } } });
  const refusal = { message: 'Cost limit of 20000 exceeded, found 40201.' };
  expect(await api.client.send(query, { first: 100 })).toMatchObject({ errors: [refusal] });
  expect(await api.client.send(query, { first: 40 })).toEqual({ data: { jobs: { nodes: [] } } });
});

test('the schema, the examples of GraphiQL and the operations of the quickstart are within the limits', async () => {
  const { createUpload, submitJob, ...reading } = quickstart;
  const input = { title: 'Echo', spec: { echo: {} }, source: { inline: { items: [{ value: 'x' }] } } };
  const operations: [string, unknown][] = [
    ...(await readExamples()).map(({ query, variables }): [string, unknown] => [query, JSON.parse(variables)]),
    ...Object.values(reading).map(({ document }): [string, unknown] => [document, { key: 'x', id: 'x', jobId: 'x' }]),
    [createUpload.document, { input: { fileName: 'x.csv' } }],
    [submitJob.document, { input }],
    [getIntrospectionQuery({ descriptions: true, inputValueDeprecation: true, schemaDescription: true }), {}],
  ];
  expect(operations).toHaveLength(12);
  for (const [query, variables] of operations) {
    const answer = await follow(query, variables);
    expect(answer).toMatch(/"data":\{|There is no job/);
    expect(answer).not.toContain('limit of');
  }
});

test('a thousand items in the text of a mutation are within the limits', async () => {
  const item = (index: number) =>
    `{ reference: "R-${index}" account: "A" amount: "1.00" currency: "EUR" occurredAt: "2026-01-05" }`;
  const answer = await api.client.send(`mutation { submitJob(input: { title: "Many" spec: { transactions: {} }
    source: { inline: { items: [${repeat(1_000, item)}] } } }) { ... on SubmitJobPayload { created } } }`);
  expect(answer).toEqual({ data: { submitJob: { created: true } } });
});

/** The whole stream of what may be a subscription; of several operations in a document the first. */
async function follow(query: string, variables: unknown = {}): Promise<string> {
  const headers = {
    accept: 'text/event-stream',
    authorization: `Bearer ${api.apiKey}`,
    'content-type': 'application/json',
  };
  const [, operationName = null] = /(?:query|mutation|subscription) (\w+)/.exec(query) ?? [];
  const body = JSON.stringify({ query, variables, operationName });
  return await (await fetch(`${api.url}/graphql`, { method: 'POST', headers, body })).text();
}
