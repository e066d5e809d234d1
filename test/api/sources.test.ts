import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { schema } from '../../schema/schema.ts';
import { createApiKey } from '../../src/access/create-api-key.ts';
import { createHttpServer, type HttpServer } from '../../src/http/server.ts';
import { createTestEngine, type TestEngine } from '../support/engine.ts';
import { createTestClient, type TestClient } from '../support/graphql-client.ts';

let engine: TestEngine;
let server: HttpServer;
let client: TestClient;

beforeAll(async () => {
  engine = await createTestEngine();
  const { services, config, viewer } = engine;
  const { database, log } = services;
  server = createHttpServer({ config, services, database, log, schema });
  await server.listen();
  await engine.startWorker();
  const { key } = await createApiKey(database, { projectId: viewer.projectId, name: 'owner' });
  client = createTestClient({ url: `${server.url()}/graphql`, apiKey: key });
});

afterAll(async () => {
  await client.close();
  await server.close();
  await engine.close();
});

/** Announces a file and, unless its content is null, sends it; answers the id of its upload. */
async function upload(fileName: string, content: string | Buffer | null): Promise<string> {
  const { createUpload } = await client.query<{ createUpload: { upload: { id: string; uploadUrl: string } } }>(
    'mutation ($fileName: String!) { createUpload(input: { fileName: $fileName }) { ... on CreateUploadPayload { upload { id uploadUrl } } } }',
    { fileName },
  );
  if (content === null) return createUpload.upload.id;
  // Links carry the public URL; the server under test listens on another port.
  const { pathname, search } = new URL(createUpload.upload.uploadUrl);
  const body = new Uint8Array(Buffer.from(content));
  const response = await fetch(`${server.url()}${pathname}${search}`, { method: 'PUT', body });
  expect(response.status).toBe(201);
  return createUpload.upload.id;
}

interface Submitted {
  __typename: string;
  job?: { id: string };
  message?: string;
}

async function submit(source: Record<string, unknown>): Promise<Submitted> {
  const { submitJob } = await client.query<{ submitJob: Submitted }>(
    `mutation ($input: SubmitJobInput!) { submitJob(input: $input) { __typename
       ... on SubmitJobPayload { job { id } } ... on Error { message } ... on InvalidInputError { issues { path message } } } }`,
    { input: { title: 'Sources', spec: { transactions: {} }, source: { upload: source } } },
  );
  return submitJob;
}

/** What the job made of its source, once it is over. */
async function run(source: Record<string, unknown>): Promise<unknown[]> {
  const { job, message } = await submit(source);
  if (!job) throw new Error(message);
  await client.subscribe('subscription ($id: ID!) { jobEvents(jobId: $id) { sequence } }', { id: job.id }).all();
  const answer = await client.query<{ job: { items: { nodes: unknown[] } } }>(
    'query ($id: ID!) { job(id: $id) { items { nodes { key state ... on TransactionItem { input { account amount description } } } } } }',
    { id: job.id },
  );
  return answer.job.items.nodes;
}

const header = ['reference', 'account', 'amount', 'currency', 'occurredAt', 'description'];
const values = (reference: string) => [reference, 'Müller', '1234567.89', 'EUR', '2026-01-02', 'Café'];
const table = (reference: string, delimiter: string) =>
  [header, values(reference)].map((line) => line.join(delimiter)).join('\n');
const done = (key: string) => ({
  key,
  state: 'SUCCEEDED',
  input: { account: 'Müller', amount: '1234567.89', description: 'Café' },
});

describe('A job over a file', () => {
  const object = (reference: string) => Object.fromEntries(header.map((name, at) => [name, values(reference)[at]]));

  test.each([
    ['semicolons.csv', table('semicolons.csv', ';')],
    ['pipes.csv', table('pipes.csv', '|')],
    ['tabs.tsv', table('tabs.tsv', '\t')],
    ['array.json', JSON.stringify([object('array.json')], null, 2)],
    ['utf16.csv', Buffer.from(`\uFEFF${table('utf16.csv', ';')}`, 'utf16le')],
  ])('is read as its name and its first bytes tell: %s', async (name, content) => {
    expect(await run({ uploadId: await upload(name, content) })).toEqual([done(name)]);
  });

  test('is read as the client says', async () => {
    const uploadId = await upload('said', Buffer.from(table('said', '~'), 'latin1'));
    expect(await run({ uploadId, format: 'CSV', delimiter: '~', encoding: 'latin1' })).toEqual([done('said')]);
  });

  test('in JSON keeps every digit of its numbers', async () => {
    const amount = '12345678901234567890.123';
    const content = JSON.stringify([object('digits')]).replace('"1234567.89"', amount);
    expect(await run({ uploadId: await upload('digits.json', content) })).toMatchObject([{ input: { amount } }]);
  });

  test('is refused with every reason when it cannot be read as the client says', async () => {
    const uploadId = await upload('refused.csv', table('refused', ','));
    expect(await submit({ uploadId, delimiter: '; ', encoding: 'latin-99' })).toEqual({
      __typename: 'InvalidInputError',
      message: 'The file cannot be read like this: delimiter must be one character, and no quote or line break.',
      issues: [
        { path: ['source', 'upload', 'delimiter'], message: 'must be one character, and no quote or line break' },
        {
          path: ['source', 'upload', 'encoding'],
          message: 'must be a label like utf-8, latin1 or windows-1252, not "latin-99"',
        },
      ],
    });
    expect(await submit({ uploadId, format: 'TSV', delimiter: ';' })).toMatchObject({
      issues: [{ message: 'is for CSV, not for TSV' }],
    });
  });
});

describe('A mapping of columns to fields', () => {
  const content = 'Beleg;Konto;Betrag;currency;occurredAt;amount\nm-1;Müller;12.50;EUR;2026-01-02;ignored\n';
  const columns = [
    { column: 'Beleg', field: 'reference' },
    { column: 'Konto', field: 'account' },
    { column: 'Betrag', field: 'amount' },
  ];

  test('names columns before the items are held to their schema', async () => {
    expect(await run({ uploadId: await upload('mapped.csv', content), columns })).toEqual([
      { key: 'm-1', state: 'SUCCEEDED', input: { account: 'Müller', amount: '12.50', description: null } },
    ]);
  });

  test('holds for JSON, where a row may lack a column', async () => {
    const rows = [
      { Beleg: 'm-2', Konto: 'A', Betrag: '1.00', currency: 'EUR', occurredAt: '2026-01-02' },
      { Beleg: 'm-3', Konto: 'A', currency: 'EUR', occurredAt: '2026-01-02' },
      ['m-4'],
    ];
    expect(await run({ uploadId: await upload('mapped.json', JSON.stringify(rows)), columns })).toMatchObject([
      { key: 'm-2', state: 'SUCCEEDED' },
      { key: 'm-3', state: 'FAILED' },
      { key: '2', state: 'FAILED' },
    ]);
    expect(await run({ uploadId: await upload('empty.json', '[]'), columns })).toEqual([]);
  });

  test('of what is not there is refused with the names that there are', async () => {
    const uploadId = await upload('wrong.csv', content);
    expect(await submit({ uploadId, columns: [{ column: 'Beleg', field: 'ref' }] })).toEqual({
      __typename: 'InvalidInputError',
      message:
        'The file cannot be read like this: field must be one of reference, account, amount, currency, occurredAt, description, not "ref".',
      issues: [
        {
          path: ['source', 'upload', 'columns', '0', 'field'],
          message: 'must be one of reference, account, amount, currency, occurredAt, description, not "ref"',
        },
      ],
    });
    expect(await submit({ uploadId, columns: [...columns, { column: 'IBAN', field: 'description' }] })).toEqual({
      __typename: 'InvalidInputError',
      message: '"IBAN" is no column of the source; there are: Beleg, Konto, Betrag, currency, occurredAt, amount.',
      issues: [
        {
          path: ['source', 'upload', 'columns', '3', 'column'],
          message: '"IBAN" is no column of the source; there are: Beleg, Konto, Betrag, currency, occurredAt, amount',
        },
      ],
    });
  });

  test('that names something twice is refused', async () => {
    const uploadId = await upload('twice.csv', content);
    const twice = [...columns, { column: 'Konto', field: 'description' }, { column: 'currency', field: 'account' }];
    expect(await submit({ uploadId, columns: twice })).toMatchObject({
      issues: [
        { path: ['source', 'upload', 'columns', '3', 'column'], message: '"Konto" is named twice' },
        { path: ['source', 'upload', 'columns', '4', 'field'], message: '"account" is named twice' },
      ],
    });
  });
});
