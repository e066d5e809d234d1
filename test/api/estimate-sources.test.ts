import { gzipSync } from 'node:zlib';
import { parquetWriteBuffer } from 'hyparquet-writer';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { startTestApi, type TestApi } from '../support/api.ts';
import { askEstimate, estimate, submitEstimated } from '../support/estimate.ts';
import { startFileServer, type FileServer } from '../support/file-server.ts';
import { googleClient, startGoogleServer, type FakeCell, type GoogleServer } from '../support/google-server.ts';
import { workbookParts, writeZip } from '../support/zip.ts';
import { seedJob } from '../support/seed-job.ts';

let api: TestApi;
let files: FileServer;
let google: GoogleServer;

beforeAll(async () => {
  files = await startFileServer('');
  google = await startGoogleServer();
  const { client_email: email, private_key: privateKey } = google.serviceAccount;
  const access = {
    rootUrl: google.url,
    serviceAccount: { email, privateKey },
    apiKey: null,
    oauthClient: googleClient,
  };
  const limits = { googleRequestsPerMinute: null, googleUserRequestsPerMinute: null };
  api = await startTestApi(undefined, limits, { google: access });
});
afterAll(async () => {
  await api.close();
  await files[Symbol.asyncDispose]();
  await google[Symbol.asyncDispose]();
});

const spec = { echo: {} };
const itemsOf = async (source: object) => (await estimate(api.client, { spec, source })).items;
const counted = (count: number) => {
  const text = String(count);
  return { expected: text, least: text, most: text, basis: 'MEASURED' };
};

/** Of uneven lengths, as real ones have. */
const values = (count: number) =>
  Array.from({ length: count }, (_, index) => `item ${index} ${'x'.repeat((index * 7919) % 50)}`);
const csv = (count: number) => ['value', ...values(count)].join('\n');
const jsonl = (count: number) => values(count).map((value) => JSON.stringify({ value }));
const workbook = (count: number) => {
  const cells = ['value', ...values(count)].map(
    (value, index) => `<row r="${index + 1}"><c r="A${index + 1}" t="inlineStr"><is><t>${value}</t></is></c></row>`,
  );
  return writeZip(workbookParts(cells.join('')));
};
const parquet = (count: number) =>
  Buffer.from(parquetWriteBuffer({ columnData: [{ name: 'value', data: values(count), type: 'STRING' }] }));

describe('Items of an uploaded file', () => {
  const formats: [string, (count: number) => string | Buffer, 'MEASURED' | 'SAMPLED'][] = [
    ['rows.csv', csv, 'SAMPLED'],
    ['rows.csv.gz', (count) => gzipSync(csv(count)), 'SAMPLED'],
    ['rows.csv.zip', (count) => writeZip([{ name: 'rows.csv', content: csv(count) }]), 'SAMPLED'],
    ['rows.jsonl', (count) => jsonl(count).join('\n'), 'SAMPLED'],
    ['rows.json', (count) => `[${jsonl(count).join(',')}]`, 'SAMPLED'],
    ['rows.xlsx', workbook, 'SAMPLED'],
    ['rows.parquet', parquet, 'MEASURED'],
  ];

  test.each(formats)(
    'are counted when they are few, and not far off when they are many: %s',
    async (name, make, basis) => {
      const few = await api.upload(name, make(30));
      expect(await itemsOf({ upload: { uploadId: few } })).toEqual(counted(30));
      const count = 40_000;
      const many = await itemsOf({ upload: { uploadId: await api.upload(name, make(count)) } });
      expect(many?.basis).toBe(basis);
      expect(Math.abs(Number(many?.expected) - count) / count).toBeLessThan(0.05);
      expect(Number(many?.least)).toBeLessThanOrEqual(count);
      expect(Number(many?.most)).toBeGreaterThanOrEqual(count);
    },
  );

  test('are rows, not lines, where cells have line breaks', async () => {
    const rows = values(20_000).map((value, index) => (index % 2 ? `"${value}\nand\nmore"` : value));
    const uploadId = await api.upload('breaks.csv', ['value', ...rows].join('\n'));
    expect(await itemsOf({ upload: { uploadId } })).toEqual({
      expected: '20000',
      least: '16667',
      most: '40000',
      basis: 'SAMPLED',
    });
  });

  test.each([
    ['a workbook that is called a table', 'rows.csv', () => workbook(1), 'XLSX'],
    ['a gzip file that is cut off', 'rows.csv.gz', () => gzipSync(csv(40_000)).subarray(0, 9_000), 'unpacked'],
    ['a table without a column of its items', 'rows.csv', () => 'other\n1\n', 'columns among'],
  ])('are not guessed of %s: it is refused with a reason', async (_, name, make, reason) => {
    const answer = await askEstimate(api.client, {
      spec,
      source: { upload: { uploadId: await api.upload(name, make()) } },
    });
    expect(answer).toMatchObject({
      __typename: 'InvalidInputError',
      message: expect.stringContaining(reason) as string,
    });
  });
});

test('Items of an earlier job are counted as they ended', async () => {
  const seed = { state: 'COMPLETED', total: 40, ended: 40, chunkSize: 40 } as const;
  const jobId = await seedJob(api.engine.services.database, api.engine.viewer, seed);
  const countOf = async (items: string) =>
    (await estimate(api.client, { spec: { transactions: {} }, source: { job: { jobId, items } } })).items;
  expect(await countOf('ALL')).toEqual(counted(40));
  expect(await countOf('FAILED')).toEqual(counted(4));
  expect(await countOf('OUTPUTS')).toEqual(counted(32));
});

describe('Items of a URL', () => {
  const url = (path = '/rows.csv') => ({ url: { url: files.url(path) } });

  test('are counted, or follow from its size, and the payload of submitJob shows the same', async () => {
    files.file = { content: Buffer.from(csv(12)), etag: '"1"' };
    expect(await itemsOf(url())).toEqual(counted(12));
    const count = 200_000;
    files.file = { content: Buffer.from(csv(count)), etag: '"2"' };
    const found = await estimate(api.client, { spec, source: url() });
    expect(found.items?.basis).toBe('SAMPLED');
    expect(Math.abs(Number(found.items?.expected) - count) / count).toBeLessThan(0.05);
    const submitted = await submitEstimated(api.client, { spec, source: url() });
    expect(submitted.estimate.items).toEqual(found.items);
    expect(submitted.estimatedDurationMs).toBe(found.durationMs?.expected);
  });

  test('are not known when its server does not say how large it is', async () => {
    const content = csv(200_000);
    files.answers.set('/endless.csv', (_, response) => {
      response.writeHead(200, { 'transfer-encoding': 'chunked' });
      response.end(content);
    });
    expect(await estimate(api.client, { spec, source: url('/endless.csv') })).toEqual({
      items: null,
      queue: null,
      durationMs: null,
      cost: null,
      storageBytes: null,
      warnings: [expect.stringContaining('does not say how large the file is')],
    });
  });

  test('that is not there are an error before the job is submitted, and a warning of one that is', async () => {
    files.answers.set('/gone.csv', (_, response) => response.writeHead(404).end());
    const input = { spec, source: url('/gone.csv') };
    const host = new URL(files.url()).host;
    const message = `${host} answered 404. There is no such file: check the URL.`;
    expect(await askEstimate(api.client, input)).toEqual({
      __typename: 'InvalidInputError',
      message,
      code: 'INVALID_INPUT',
    });
    const submitted = await submitEstimated(api.client, input);
    expect([submitted.estimatedDurationMs, submitted.estimate.items]).toEqual([null, null]);
    expect(submitted.estimate.warnings[0]).toBe(`Its source could not be looked into: ${message}`);
  });
});

describe('Items of a Google Sheet', () => {
  const spreadsheet = '1BxiMVs0XRA5nFMdKvBdBZjgmUUqptlbs74OgvE2upms';
  const source = { googleSheet: { spreadsheet } };
  const share = (cells: FakeCell[][], rowCount: number, readers = [google.serviceAccount.client_email]) =>
    google.spreadsheets.set(spreadsheet, {
      title: 'Ideas',
      tabs: [{ id: 0, title: 'March', rowCount, columnCount: 2, cells: [['value', 'fail'], ...cells] }],
      readers,
      editors: [],
    });

  test('are counted where one request brings them all, empty rows left out', async () => {
    share([['a'], [], ['b'], ['c']], 1_000);
    expect(await itemsOf(source)).toEqual(counted(3));
  });

  test('are counted by one request more where they are more, and by their first column where cells are very many', async () => {
    const rows = values(7_000).map((value, index) => (index === 6_500 ? [] : [value]));
    share(rows, 20_000);
    google.reset();
    expect(await itemsOf(source)).toEqual(counted(6_999));
    expect(google.requests).toHaveLength(4);
    share(rows, 300_000);
    expect(await itemsOf(source)).toEqual({ expected: '6999', least: '6999', most: '299999', basis: 'SAMPLED' });
  });

  test('that nobody shared are an error that says with whom to share them', async () => {
    share([['a']], 10, []);
    expect(await askEstimate(api.client, { spec, source })).toMatchObject({
      __typename: 'PermissionDeniedError',
      message: expect.stringContaining(google.serviceAccount.client_email) as string,
    });
  });
});
