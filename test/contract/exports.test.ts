import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import { promisify } from 'node:util';
import pino from 'pino';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ingestItems } from '../../src/activities/ingest-items.ts';
import { SupersededError } from '../../src/activities/superseded-error.ts';
import { writeExport, type ExportDeps } from '../../src/activities/write-export.ts';
import type { Export } from '../../src/database/entities/export.ts';
import { appendJobEvent } from '../../src/database/sql/append-job-event.ts';
import { ConflictError, InvalidInputError, NotFoundError } from '../../src/domain/errors.ts';
import type { ExportContent, ExportFormat, ExportRequest } from '../../src/domain/export.ts';
import type { JobState } from '../../src/domain/job-state.ts';
import { createExports, type Exports } from '../../src/exports/exports.ts';
import { exportFileKey } from '../../src/exports/storage-key.ts';
import type { Viewer } from '../../src/jobs/commands.ts';
import { createLocalDiskStorage } from '../../src/storage/local-disk.ts';
import type { Storage } from '../../src/storage/storage.ts';
import { seedReadingJob } from '../support/seed-reading-job.ts';
import { createTestStores } from '../support/file-stores.ts';
import { createTestDatabase, type TestDatabase } from '../support/database.ts';
import { createTestProject } from '../support/project.ts';
import { readExport, type XlsxReading } from '../support/read-export.ts';
import { waitFor } from '../support/wait-for.ts';

const run = promisify(execFile);
const hasCurl = await run('curl', ['--version']).then(
  () => true,
  () => false,
);
const log = pino({ level: 'silent' });
let test: TestDatabase;
let root: string;
let storage: Storage;
let viewer: Viewer;
let exports: Exports;
let server: Server;
let transactionsJob: string;
const started: string[] = [];

beforeAll(async () => {
  test = await createTestDatabase();
  viewer = await createTestProject(test.database);
  root = await mkdtemp(join(tmpdir(), 'longhaul-exports-'));
  storage = createLocalDiskStorage(join(root, 'storage'));
  server = createServer((request, response) => {
    void exports.download(request, response, new URL(request.url ?? '/', 'http://localhost'));
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo; // A server on a TCP port has such an address.
  exports = createExports({
    quotas: { spend: async () => null },
    database: test.database,
    storage,
    config: { secret: 's'.repeat(32), publicUrl: `http://127.0.0.1:${port}` },
    startExport: async (id) => void started.push(id),
  });
  transactionsJob = await seedTransactions();
});

afterAll(async () => {
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
  await test.close();
  await rm(root, { recursive: true, force: true });
});

// Every trap of a spreadsheet and of a float, in one job.
const rows = [
  { reference: 'r-0', account: 'Ä "1"', amount: '1234567890123456789.10', description: '=HYPERLINK("http://x")' },
  { reference: 'r-1', account: '+1', amount: '-0.10', description: 'two\r\nlines; 日本 😀' },
  { reference: '-5', account: '@x', amount: '-7', description: '\ttab' },
  { reference: 'r-3', account: 'a', amount: '12345678901234567.123456789', description: 'a,b' },
];

async function seedTransactions(state: JobState = 'COMPLETED'): Promise<string> {
  const fields = { currency: 'EUR', occurredAt: '2026-03-02T09:30:00.000Z' };
  // The last one is no transaction: it is shown as the source had it, figures included.
  const content = [...rows.map((row) => ({ ...row, ...fields })), { reference: 'bad', amount: true }]
    .map((row) => `${JSON.stringify(row)}\n`)
    .concat('{"reference":"raw","amount":0.1234567890123456789,"nested":{"a":[1,2]}}\n');
  const uploadId = crypto.randomUUID();
  await storage.put(`uploads/${uploadId}`, Readable.from(content));
  const jobId = await seedReadingJob(test.database, {
    projectId: viewer.projectId,
    title: 'Büchungen – Mai / 2026',
    source: { kind: 'upload', uploadId, format: 'JSONL' },
  });
  await ingestItems(
    { database: test.database, storage, log },
    { jobId, heartbeat: () => undefined, signal: AbortSignal.timeout(60_000) },
  );
  await test.database.pool.query(
    `insert into item_results (job_id, index, stage, generation, attempts, state, output, duration_ms)
     select $1, index, 2, 0, 1, state, output, 3 from unnest($2::int[], $3::text[], $4::jsonb[]) as r (index, state, output)`,
    [
      jobId,
      [0, 1, 2],
      ['SUCCEEDED', 'SUCCEEDED', 'SKIPPED'],
      ['INSERTED', 'UPDATED', 'SKIPPED'].map((action, index) =>
        JSON.stringify({ transactionId: `${9007199254740993n + BigInt(index)}`, action }),
      ),
    ],
  );
  await test.database.pool.query(
    `update jobs set state = $2, pending = 0, succeeded = 2, skipped = 1, canceled = 1, aggregates = $3 where id = $1`,
    [
      jobId,
      state,
      '{"count": 6, "totalAmount": "1234567890123456789.00", "byCurrency": [{"currency": "EUR", "averageAmount": "-0.10"}]}',
    ],
  );
  return jobId;
}

async function write(request: ExportRequest & { jobId?: string }): Promise<Export> {
  const { id } = await exports.createExport(viewer, { jobId: transactionsJob, ...request });
  await writeIt(id);
  const found = await exports.findExport(viewer, id);
  if (!found) throw new Error('The export is gone.');
  return found;
}

const writeIt = (exportId: string, options: { signal?: AbortSignal; isFinal?: boolean } & Partial<ExportDeps> = {}) => {
  const { signal = new AbortController().signal, isFinal = false, ...deps } = options;
  return writeExport(
    {
      database: test.database,
      storage,
      stores: createTestStores(storage),
      log,
      exportTtlMs: 60_000,
      maxExportBytes: 10_000_000,
      ...deps,
    },
    { exportId, heartbeat: () => undefined, signal, isFinal: () => isFinal },
  );
};

/** Storage that takes no file. */
const failing = (message: string): Storage => ({ ...storage, put: () => Promise.reject(new Error(message)) });

async function waitingForLocks(): Promise<number> {
  const { rows } = await test.database.pool.query<{ count: number }>(
    "select count(*)::int from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'",
  );
  return rows[0]?.count ?? 0;
}

const contentOf = async (found: Export) => await buffer(await storage.get(exportFileKey(found)));

/** As Python reads it. */
const readBack = async (found: Export) => await readExport(found.format, await contentOf(found));

const input = (index: number) => ({ ...rows[index], currency: 'EUR', occurredAt: '2026-03-02T09:30:00.000Z' });
const missing = { code: 'INVALID_ITEM', field: 'account', message: 'account is missing' };
const failures = [
  { index: 4, key: 'bad', state: 'FAILED', input: { reference: 'bad', amount: true }, output: null, error: missing },
  {
    index: 5,
    key: 'raw',
    state: 'FAILED',
    input: { reference: 'raw', amount: '0.1234567890123456789', nested: { a: [1, 2] } },
    output: null,
    error: missing,
  },
];
const items = [
  {
    index: 0,
    key: 'r-0',
    state: 'SUCCEEDED',
    input: input(0),
    output: { transactionId: '9007199254740993', action: 'INSERTED' },
    error: null,
  },
  {
    index: 1,
    key: 'r-1',
    state: 'SUCCEEDED',
    input: input(1),
    output: { transactionId: '9007199254740994', action: 'UPDATED' },
    error: null,
  },
  {
    index: 2,
    key: '-5',
    state: 'SKIPPED',
    input: input(2),
    output: { transactionId: '9007199254740995', action: 'SKIPPED' },
    error: null,
  },
  { index: 3, key: 'r-3', state: 'PENDING', input: input(3), output: null, error: null },
  ...failures,
];
const aggregates = {
  count: 6,
  totalAmount: '1234567890123456789.00',
  byCurrency: [{ currency: 'EUR', averageAmount: '-0.10' }],
};

const noError = { error_code: '', error_field: '', error_message: '' };
const noOutput = { transactionId: '', action: '' };
const common = { currency: 'EUR', occurredAt: '2026-03-02T09:30:00.000Z' };
const csvError = { error_code: 'INVALID_ITEM', error_field: 'account', error_message: 'account is missing' };
const csvFailures = [
  {
    index: '4',
    key: 'bad',
    state: 'FAILED',
    reference: 'bad',
    account: '',
    amount: 'true',
    currency: '',
    occurredAt: '',
    description: '',
    ...noOutput,
    ...csvError,
  },
  {
    index: '5',
    key: 'raw',
    state: 'FAILED',
    reference: 'raw',
    account: '',
    amount: '0.1234567890123456789',
    currency: '',
    occurredAt: '',
    description: '',
    ...noOutput,
    ...csvError,
  },
];
// What a spreadsheet would run has an apostrophe before it; figures are as they were.
const csvItems = [
  {
    index: '0',
    key: 'r-0',
    state: 'SUCCEEDED',
    ...rows[0],
    ...common,
    description: `'=HYPERLINK("http://x")`,
    transactionId: '9007199254740993',
    action: 'INSERTED',
    ...noError,
  },
  {
    index: '1',
    key: 'r-1',
    state: 'SUCCEEDED',
    ...rows[1],
    account: "'+1",
    ...common,
    transactionId: '9007199254740994',
    action: 'UPDATED',
    ...noError,
  },
  {
    index: '2',
    key: '-5',
    state: 'SKIPPED',
    ...rows[2],
    account: "'@x",
    description: "'\ttab",
    ...common,
    transactionId: '9007199254740995',
    action: 'SKIPPED',
    ...noError,
  },
  { index: '3', key: 'r-3', state: 'PENDING', ...rows[3], ...common, ...noOutput, ...noError },
  ...csvFailures,
];
const csvAggregates = [
  { name: 'count', value: '6' },
  { name: 'byCurrency.0.currency', value: 'EUR' },
  { name: 'byCurrency.0.averageAmount', value: '-0.10' },
  { name: 'totalAmount', value: '1234567890123456789.00' },
];

const parquetTypes = {
  index: 'int64',
  key: 'string',
  state: 'string',
  reference: 'string',
  account: 'string',
  amount: 'decimal128(38, 18)',
  currency: 'string',
  occurredAt: 'timestamp[ms, tz=UTC]',
  description: 'string',
  transactionId: 'string',
  action: 'string',
  error_code: 'string',
  error_field: 'string',
  error_message: 'string',
  unfit_values: 'string',
};
const amounts = [
  '1234567890123456789.100000000000000000',
  '-0.100000000000000000',
  '-7.000000000000000000',
  '12345678901234567.123456789000000000',
  null,
  null,
];
const unfit = [null, null, null, null, '{"amount":true}', '{"amount":"0.1234567890123456789"}'];
const parquetItems = items.map(({ index, key, state, input: given, output, error }) => ({
  index,
  key,
  state,
  reference: given.reference ?? null,
  account: 'account' in given ? given.account : null,
  amount: amounts[index],
  currency: 'currency' in given ? given.currency : null,
  occurredAt: 'occurredAt' in given ? '2026-03-02T09:30:00+00:00' : null,
  description: 'description' in given ? given.description : null,
  transactionId: output?.transactionId ?? null,
  action: output?.action ?? null,
  error_code: error?.code ?? null,
  error_field: error?.field ?? null,
  error_message: error?.message ?? null,
  unfit_values: unfit[index],
}));

const xlsxHeader = Object.keys(parquetTypes).filter((name) => name !== 'unfit_values');
const xlsxAmounts = [
  '1234567890123456789.10',
  -0.1,
  -7,
  '12345678901234567.123456789',
  'true',
  '0.1234567890123456789',
];
/** Rows in the order of the header. */
const xlsxItems = parquetItems.map((row, index) =>
  Object.entries(row)
    .filter(([name]) => name !== 'unfit_values')
    .map(([name, value]) => {
      if (name === 'amount') return xlsxAmounts[index];
      return name === 'occurredAt' && value !== null ? '2026-03-02T09:30:00' : value;
    }),
);
const xlsxSheet = (rowsOfSheet: unknown[][]) => ({
  header: xlsxHeader,
  bold: xlsxHeader.map(() => true),
  frozen: 'A2',
  rows: rowsOfSheet,
});
const xlsxAggregates = {
  header: ['name', 'value'],
  bold: [true, true],
  frozen: 'A2',
  rows: [
    ['count', 6],
    ['byCurrency.0.currency', 'EUR'],
    ['byCurrency.0.averageAmount', '-0.10'],
    ['totalAmount', '1234567890123456789.00'],
  ],
};

describe('an export, read back by Python,', () => {
  const job = () => ({ id: transactionsJob, type: 'transactions', title: 'Büchungen – Mai / 2026' });

  it.each<[ExportFormat, ExportContent, () => unknown]>([
    ['JSON', 'ITEMS', () => items],
    ['JSON', 'FAILURES', () => failures],
    ['JSON', 'AGGREGATES', () => aggregates],
    ['JSON', 'ALL', () => ({ job: job(), aggregates, items, failures })],
    ['JSONL', 'ITEMS', () => items],
    ['JSONL', 'FAILURES', () => failures],
    ['JSONL', 'AGGREGATES', () => [aggregates]],
    [
      'JSONL',
      'ALL',
      () => [...items.map((item) => ({ item })), ...failures.map((failure) => ({ failure })), { aggregates }],
    ],
    ['CSV', 'ITEMS', () => csvItems],
    ['CSV', 'FAILURES', () => csvFailures],
    ['CSV', 'AGGREGATES', () => csvAggregates],
  ])('as %s of %s holds every value exactly', async (format, content, expected) => {
    const found = await write({ format, content });
    expect(await readBack(found)).toEqual(expected());
    const bytes = await contentOf(found);
    expect(found).toMatchObject({
      state: 'COMPLETED',
      percent: 100,
      fileName: `buchungen-mai-2026-${content.toLowerCase()}.${format.toLowerCase()}`,
      byteSize: bytes.length,
      sha256: createHash('sha256').update(bytes).digest('hex'),
    });
  });

  it.each<[ExportContent, () => unknown]>([
    ['ITEMS', () => ({ types: parquetTypes, groups: 1, rows: parquetItems })],
    ['FAILURES', () => ({ types: parquetTypes, groups: 1, rows: parquetItems.slice(4) })],
    ['AGGREGATES', () => ({ types: { name: 'string', value: 'string' }, groups: 1, rows: csvAggregates })],
  ])('as PARQUET of %s holds every value exactly, in columns of its type', async (content, expected) => {
    const found = await write({ format: 'PARQUET', content });
    expect(await readBack(found)).toEqual(expected());
    expect(found.fileName).toBe(`buchungen-mai-2026-${content.toLowerCase()}.parquet`);
  });

  it.each<[ExportContent, () => unknown]>([
    ['ITEMS', () => ({ items: xlsxSheet(xlsxItems) })],
    ['FAILURES', () => ({ failures: xlsxSheet(xlsxItems.slice(4)) })],
    ['AGGREGATES', () => ({ aggregates: xlsxAggregates })],
    [
      'ALL',
      () => ({ items: xlsxSheet(xlsxItems), failures: xlsxSheet(xlsxItems.slice(4)), aggregates: xlsxAggregates }),
    ],
  ])('as XLSX of %s holds every value exactly, as text where a number would be rounded', async (content, expected) => {
    const found = await write({ format: 'XLSX', content });
    expect(await readBack(found)).toEqual(expected());
    expect(found.fileName).toBe(`buchungen-mai-2026-${content.toLowerCase()}.xlsx`);
  });

  it('has only the columns that were chosen, in their order', async () => {
    const columns = ['amount', 'index'];
    const csv = await contentOf(await write({ format: 'CSV', content: 'FAILURES', columns }));
    expect(csv.toString()).toBe('amount,index\ntrue,4\n0.1234567890123456789,5\n');
    const parquet = await readBack(await write({ format: 'PARQUET', content: 'ITEMS', columns }));
    expect(parquet).toEqual({
      types: { amount: 'decimal128(38, 18)', index: 'int64', unfit_values: 'string' },
      groups: 1,
      rows: parquetItems.map(({ index, amount, unfit_values }) => ({ amount, index, unfit_values })),
    });
    const xlsx = (await readBack(await write({ format: 'XLSX', content: 'ITEMS', columns }))) as XlsxReading; // What it prints.
    expect(xlsx['items']).toMatchObject({ header: columns, rows: xlsxItems.map((row) => [row[5], row[0]]) });
  });

  it('as PARQUET of many items is written in row groups, each item once and in order', async () => {
    const jobId = await shareMany(25_000);
    const found = await readBack(await write({ jobId, format: 'PARQUET', content: 'ITEMS' }));
    const { types, groups, rows: read } = found as ParquetReading; // What read-export.py prints for it.
    expect([types['fail'], groups]).toEqual(['bool', 2]);
    expect(read.map(({ index }) => index)).toEqual(Array.from({ length: 25_000 }, (_, index) => index));
    expect(read.every(({ index, value }) => value === `v${index}`)).toBe(true);
  });

  it('as PARQUET of a job without items has its columns, and no rows', async () => {
    const found = await readBack(await write({ jobId: await seedMany(0), format: 'PARQUET', content: 'ITEMS' }));
    expect(found).toMatchObject({ types: { index: 'int64', value: 'string', fail: 'bool' }, rows: [] });
  });

  it.each<[ExportContent, Record<string, unknown>]>([
    ['ITEMS', { 'items.jsonl': items, 'items.csv': csvItems }],
    ['FAILURES', { 'failures.jsonl': failures, 'failures.csv': csvFailures }],
    ['AGGREGATES', { 'aggregates.json': aggregates }],
    [
      'ALL',
      {
        'items.jsonl': items,
        'items.csv': csvItems,
        'failures.jsonl': failures,
        'failures.csv': csvFailures,
        'aggregates.json': aggregates,
      },
    ],
  ])('as ZIP of %s holds named files and a manifest that is right', async (content, expected) => {
    const read = await readBack(await write({ format: 'ZIP', content }));
    const { names, files, measured } = read as ZipReading; // What read-export.py prints for a ZIP.
    expect(names).toEqual([...Object.keys(expected), 'manifest.json']);
    const { 'manifest.json': manifest, ...others } = files;
    expect(others).toEqual(expected);
    expect(manifest).toEqual({
      job: job(),
      content,
      files: Object.entries(expected).map(([name, value]) => ({
        name,
        ...measured[name],
        itemCount: Array.isArray(value) ? value.length : 0,
      })),
    });
  });

  it.each<ExportFormat>(['JSON', 'JSONL', 'CSV', 'PARQUET', 'XLSX', 'ZIP'])(
    'as %s is the same bytes every time',
    async (format) => {
      const one = await write({ format, content: 'ITEMS' });
      const other = await write({ format, content: 'ITEMS' });
      expect(one.sha256).toBe(other.sha256);
    },
  );

  it('as ZIP cuts a table of more than 20,000 items into numbered files, each with its checksum', async () => {
    const jobId = await shareMany(25_000);
    const read = await readBack(await write({ jobId, format: 'ZIP', content: 'ITEMS' }));
    const { names, files, measured } = read as ZipReading; // What read-export.py prints for a ZIP.
    expect(names).toEqual(['items-001.jsonl', 'items-001.csv', 'items-002.jsonl', 'items-002.csv', 'manifest.json']);
    const indexes = (name: string) => (files[name] as { index: number | string }[]).map(({ index }) => Number(index)); // As above.
    const all = Array.from({ length: 25_000 }, (_, index) => index);
    for (const extension of ['jsonl', 'csv']) {
      expect(indexes(`items-001.${extension}`)).toEqual(all.slice(0, 20_000));
      expect(indexes(`items-002.${extension}`)).toEqual(all.slice(20_000));
    }
    expect(files['manifest.json']).toMatchObject({
      files: names.slice(0, 4).map((name) => ({
        name,
        ...measured[name],
        itemCount: name.includes('001') ? 20_000 : 5_000,
      })),
    });
  });

  it('as CSV has an apostrophe before whatever a spreadsheet would run', async () => {
    const harmless = ['-5', '-0.10', '5', 'a=b', 'a@b', '', 'a -b'];
    const formulas = [
      '=1',
      '+1',
      '-1+1',
      '@SUM(A1)',
      '＝1',
      '＋1',
      '－1',
      '＠x',
      ' =1',
      '\u00A0=1',
      '\uFEFF=1',
      '\t1',
      '\r1',
      '\n1',
    ];
    const jobId = await seedMany(harmless.length + formulas.length);
    await test.database.pool.query(
      `update items set payload = jsonb_build_object('value', text)
       from unnest($2::text[]) with ordinality as given (text, place) where job_id = $1 and index = place - 1`,
      [jobId, [...harmless, ...formulas]],
    );
    const read = await readBack(await write({ jobId, format: 'CSV', content: 'ITEMS' }));
    const values = (read as { value: string }[]).map(({ value }) => value); // What read-export.py prints for a CSV.
    expect(values).toEqual([...harmless, ...formulas.map((formula) => `'${formula}`)]);
  });

  it('of a running job has what is committed so far, and says as of which entry of the journal', async () => {
    const jobId = await seedMany(10);
    const { pool } = test.database;
    await pool.query(`delete from item_results where job_id = $1 and index >= 4`, [jobId]);
    await pool.query(
      `update jobs set state = 'RUNNING', succeeded = 2, failed = 2, pending = 6, last_sequence = 41 where id = $1`,
      [jobId],
    );
    const found = await write({ jobId, format: 'JSONL', content: 'ITEMS' });
    expect(found).toMatchObject({ state: 'COMPLETED', asOfSequence: 41 });
    const states = (await readBack(found)) as { state: string }[]; // As above.
    expect(states.map(({ state }) => state)).toEqual([
      'SUCCEEDED',
      'FAILED',
      'SUCCEEDED',
      'FAILED',
      ...Array.from({ length: 6 }, () => 'PENDING'),
    ]);
  });

  it('of a canceled job shows what did not run as CANCELED', async () => {
    const jobId = await seedTransactions('CANCELED');
    const states = (await readBack(await write({ jobId, format: 'JSONL', content: 'ITEMS' }))) as { state: string }[]; // As above.
    expect(states.map(({ state }) => state)).toEqual([
      'SUCCEEDED',
      'SUCCEEDED',
      'SKIPPED',
      'CANCELED',
      'FAILED',
      'FAILED',
    ]);
  });

  it('of many items has each once, in order, across all pages', async () => {
    const jobId = await shareMany(4_500);
    const found = (await readBack(await write({ jobId, format: 'ZIP', content: 'ALL' }))) as ZipReading; // As above.
    const indexes = (name: string) =>
      (found.files[name] as { index: number | string }[]).map(({ index }) => Number(index)); // As above.
    const all = Array.from({ length: 4_500 }, (_, index) => index);
    expect(indexes('items.jsonl')).toEqual(all);
    expect(indexes('items.csv')).toEqual(all);
    expect(indexes('failures.jsonl')).toEqual(all.filter((index) => index % 2 === 1));
    expect(indexes('failures.csv')).toEqual(all.filter((index) => index % 2 === 1));
    // Input and output of an echo both have a value.
    expect((found.files['items.csv'] as object[])[0]).toEqual({
      index: '0',
      key: '0',
      state: 'SUCCEEDED',
      value: 'v0',
      fail: '',
      output_value: 'v0',
      filler: '',
      ...noError,
    });
  });

  it('of a job without items is empty, and still a file', async () => {
    const jobId = await seedMany(0);
    expect(await readBack(await write({ jobId, format: 'JSON', content: 'ITEMS' }))).toEqual([]);
    expect(await readBack(await write({ jobId, format: 'JSONL', content: 'ITEMS' }))).toEqual([]);
    expect((await contentOf(await write({ jobId, format: 'CSV', content: 'ITEMS' }))).toString()).toBe(
      'index,key,state,value,fail,output_value,filler,error_code,error_field,error_message\n',
    );
  });
});

interface ParquetReading {
  types: Record<string, string>;
  groups: number;
  rows: { index: number; value: string }[];
}

interface ZipReading {
  names: string[];
  files: Record<string, unknown>;
  measured: Record<string, { sha256: string; byteSize: number }>;
}

const seeded = new Map<number, Promise<string>>();

/** As `seedMany`, once for all who only read it. */
function shareMany(count: number): Promise<string> {
  const jobId = seeded.get(count) ?? seedMany(count);
  seeded.set(count, jobId);
  return jobId;
}

async function seedMany(count: number): Promise<string> {
  const jobId = await seedReadingJob(test.database, { projectId: viewer.projectId, type: 'echo', title: '!!!' });
  const { pool } = test.database;
  await pool.query(
    `insert into items select $1, i, i::text, jsonb_build_object('value', 'v' || i) from generate_series(0, $2::int - 1) i`,
    [jobId, count],
  );
  await pool.query(
    `insert into item_results (job_id, index, stage, generation, attempts, state, output, error_code, error_message, duration_ms)
     select $1, i, 1, 0, 1, case i % 2 when 0 then 'SUCCEEDED' else 'FAILED' end,
            case i % 2 when 0 then jsonb_build_object('value', 'v' || i, 'filler', null) end,
            case i % 2 when 1 then 'ECHO_FAILED' end, case i % 2 when 1 then 'failed' end, 0
     from generate_series(0, $2::int - 1) i`,
    [jobId, count],
  );
  await pool.query(
    `update jobs set state = 'COMPLETED', total = $2::int, succeeded = $2::int - $2::int / 2, failed = $2::int / 2 where id = $1`,
    [jobId, count],
  );
  return jobId;
}

describe('createExport', () => {
  it('stores the wish, then starts the workflow', async () => {
    const created = await exports.createExport(viewer, {
      jobId: transactionsJob,
      format: 'CSV',
      content: 'ITEMS',
      fileNamePrefix: ' May ',
    });
    expect(created).toMatchObject({
      jobId: transactionsJob,
      state: 'PENDING',
      percent: 0,
      fileNamePrefix: 'May',
      fileName: null,
    });
    expect(started.at(-1)).toBe(created.id);
    expect(exports.downloadUrl(created)).toBeNull();
    expect(await exports.listExports([transactionsJob])).toContainEqual(expect.objectContaining({ id: created.id }));
  });

  it.each(['CSV', 'PARQUET'] as const)('refuses ALL as %s, and names the choices', async (format) => {
    const created = exports.createExport(viewer, { jobId: transactionsJob, format, content: 'ALL' });
    await expect(created).rejects.toThrow(InvalidInputError);
    await expect(created).rejects.toThrow(
      'ask for ITEMS, FAILURES or AGGREGATES, or for ALL as JSON, JSONL, XLSX or ZIP',
    );
  });

  it('refuses columns that there are not, and lists those that there are', async () => {
    const request = { jobId: transactionsJob, format: 'CSV', content: 'ITEMS' } as const;
    const known =
      'The columns of transactions are index, key, state, reference, account, amount, currency, occurredAt, description, transactionId, action, error_code, error_field, error_message.';
    await expect(exports.createExport(viewer, { ...request, columns: ['amount', 'price'] })).rejects.toMatchObject({
      message: `There is no column "price". ${known}`,
      issues: [{ field: 'columns' }],
    });
    await expect(exports.createExport(viewer, { ...request, columns: [] })).rejects.toThrow(
      `Name at least one column. ${known}`,
    );
  });

  it('refuses a prefix that is too long', async () => {
    const created = exports.createExport(viewer, {
      jobId: transactionsJob,
      format: 'CSV',
      content: 'ITEMS',
      fileNamePrefix: 'x'.repeat(101),
    });
    await expect(created).rejects.toMatchObject({ issues: [{ field: 'fileNamePrefix' }] });
  });

  it('refuses aggregates that there are not, or not yet', async () => {
    const running = await seedReadingJob(test.database, { projectId: viewer.projectId });
    await expect(
      exports.createExport(viewer, { jobId: running, format: 'CSV', content: 'AGGREGATES' }),
    ).rejects.toMatchObject({
      code: 'CONFLICT',
      state: 'RUNNING',
      allowedActions: ['PAUSE', 'CANCEL'],
      message: expect.stringContaining('wait for its end, or export its ITEMS or FAILURES'),
    });
    const ended = await seedMany(0);
    await expect(exports.createExport(viewer, { jobId: ended, format: 'JSON', content: 'AGGREGATES' })).rejects.toThrow(
      ConflictError,
    );
  });

  it('makes several at once, all or none of them', async () => {
    const before = (await exports.listExports([transactionsJob])).length;
    const csv = { format: 'CSV', content: 'ITEMS', columns: ['key'] } as const;
    const created = await exports.createExports(viewer, transactionsJob, [csv, { format: 'XLSX', content: 'ALL' }]);
    expect(created.map(({ format, content, columns }) => [format, content, columns])).toEqual([
      ['CSV', 'ITEMS', ['key']],
      ['XLSX', 'ALL', null],
    ]);
    expect(started.slice(-2)).toEqual(created.map(({ id }) => id));
    const refused = exports.createExports(viewer, transactionsJob, [csv, { format: 'CSV', content: 'ALL' }]);
    await expect(refused).rejects.toThrow(InvalidInputError);
    await expect(exports.createExports(viewer, transactionsJob, [])).rejects.toThrow('Ask for 1 to 10 exports');
    expect(await exports.listExports([transactionsJob])).toHaveLength(before + 2);
  });

  it('knows no job and no export of another project', async () => {
    const stranger = await createTestProject(test.database);
    const created = await exports.createExport(viewer, { jobId: transactionsJob, format: 'CSV', content: 'ITEMS' });
    await expect(
      exports.createExport(stranger, { jobId: transactionsJob, format: 'CSV', content: 'ITEMS' }),
    ).rejects.toThrow(NotFoundError);
    await expect(exports.deleteExport(stranger, created.id)).rejects.toThrow(NotFoundError);
    expect(await exports.findExport(stranger, created.id)).toBeNull();
  });

  it.each([
    ['../../etc/passwd', 'etc-passwd-items.csv'],
    ['Bücher 日本', 'Bücher 日本-items.csv'],
    ['a\u202Efdp.exe', 'a-fdp.exe-items.csv'],
    ['...', 'buchungen-mai-2026-items.csv'],
    ['CON"; rm -rf', 'CON- rm -rf-items.csv'],
  ])('makes a harmless file name of the prefix %j', async (fileNamePrefix, fileName) => {
    expect(await write({ format: 'CSV', content: 'ITEMS', fileNamePrefix })).toMatchObject({ fileName });
  });
});

describe('writing an export', () => {
  const journal = async (id: string) => {
    const { rows: entries } = await test.database.pool.query<{ type: string; data: unknown }>(
      `select type, data from job_events where data ->> 'exportId' = $1 order by sequence`,
      [id],
    );
    return entries;
  };

  it('ends with one journal entry, and does nothing when it is asked again', async () => {
    const found = await write({ format: 'CSV', content: 'ITEMS' });
    await writeIt(found.id);
    const { fileName, byteSize, sha256 } = found;
    expect(await journal(found.id)).toEqual([
      { type: 'ExportCompleted', data: { exportId: found.id, format: 'CSV', fileName, byteSize, sha256 } },
    ]);
  });

  it('leaves no file when it fails, and a later attempt completes it', async () => {
    const { id } = await exports.createExport(viewer, { jobId: transactionsJob, format: 'ZIP', content: 'ALL' });
    const full: Storage = {
      ...storage,
      put: (key, content, options) => storage.put(key, Readable.from(failLate(content)), options),
    };
    await expect(writeIt(id, { storage: full })).rejects.toThrow('No space left.');
    expect(await listFiles(id)).toEqual([]);
    await writeIt(id);
    expect(await exports.findExport(viewer, id)).toMatchObject({ state: 'COMPLETED', attempt: 2 });
    expect(await listFiles(id)).toEqual(['2']);
  });

  it.each<ExportFormat>(['JSONL', 'ZIP'])(
    'gives its connection back when the worker shuts down in the middle of %s',
    async (format) => {
      const jobId = await shareMany(4_500);
      const { id } = await exports.createExport(viewer, { jobId, format, content: 'ITEMS' });
      const stop = new AbortController();
      const stopping: Storage = {
        ...storage,
        put: (key, content, options) => {
          content.once('data', () => stop.abort(new Error('The worker is shutting down.')));
          return storage.put(key, content, options);
        },
      };
      await expect(writeIt(id, { storage: stopping, signal: stop.signal })).rejects.toThrow(
        'The worker is shutting down.',
      );
      expect(test.database.pool.idleCount).toBe(test.database.pool.totalCount);
      expect(await listFiles(id)).toEqual([]);
    },
  );

  it('refuses an attempt that was taken for dead, whose file goes', async () => {
    const { id } = await exports.createExport(viewer, { jobId: transactionsJob, format: 'CSV', content: 'ITEMS' });
    const late: Storage = {
      ...storage,
      put: async (key, content, options) => {
        const stored = await storage.put(key, content, options);
        await writeIt(id);
        return stored;
      },
    };
    await expect(writeIt(id, { storage: late })).rejects.toThrow(SupersededError);
    expect(await exports.findExport(viewer, id)).toMatchObject({ state: 'COMPLETED', attempt: 2 });
    expect(await listFiles(id)).toEqual(['2']);
    expect(await journal(id)).toHaveLength(1);
  });

  it('that cannot succeed is FAILED with its reason, once', async () => {
    const { id } = await exports.createExport(viewer, { jobId: transactionsJob, format: 'CSV', content: 'ITEMS' });
    await writeIt(id, { storage: failing('Broken.'), isFinal: true });
    await writeIt(id, { storage: failing('Broken again.'), isFinal: true });
    await writeIt(id);
    expect(await exports.findExport(viewer, id)).toMatchObject({ state: 'FAILED', error: 'Broken.' });
    expect(await journal(id)).toEqual([
      { type: 'ExportFailed', data: { exportId: id, format: 'CSV', error: 'Broken.' } },
    ]);
  });

  it('is not ended by the failure of an attempt that was taken for dead', async () => {
    const { id } = await exports.createExport(viewer, { jobId: transactionsJob, format: 'CSV', content: 'ITEMS' });
    const begun = Promise.withResolvers<void>();
    const failed = Promise.withResolvers<void>();
    // The newer attempt has begun, and stands still while the older one fails.
    const slow: Storage = {
      ...storage,
      put: async (...args) => {
        begun.resolve();
        await failed.promise;
        return await storage.put(...args);
      },
    };
    const newer: Promise<void>[] = [];
    const late: Storage = {
      ...storage,
      put: async () => {
        newer.push(writeIt(id, { storage: slow }));
        await begun.promise;
        throw new Error('Broken.');
      },
    };
    await expect(writeIt(id, { storage: late, isFinal: true })).rejects.toThrow(SupersededError);
    failed.resolve();
    await Promise.all(newer);
    expect(await exports.findExport(viewer, id)).toMatchObject({ state: 'COMPLETED', attempt: 2, error: null });
    expect((await journal(id)).map(({ type }) => type)).toEqual(['ExportCompleted']);
  });

  it('that fails for good leaves no file and no part', async () => {
    const jobId = await shareMany(4_500);
    const { id } = await exports.createExport(viewer, { jobId, format: 'JSONL', content: 'ITEMS' });
    await expect(writeIt(id, { exportPartBytes: 100_000, storage: dyingAtPart(2) })).rejects.toThrow('kill -9');
    expect(await listFiles(id)).toEqual(['parts']);
    await writeIt(id, { exportPartBytes: 100_000, storage: failing('Broken.'), isFinal: true });
    expect(await listFiles(id)).toEqual([]);
  });

  it('gives the connection of its progress back, too, when the worker shuts down', async () => {
    const jobId = await shareMany(4_500);
    const { id } = await exports.createExport(viewer, { jobId, format: 'ZIP', content: 'ITEMS' });
    const stop = new AbortController();
    const holder = await test.database.pool.connect();
    try {
      await holder.query('begin');
      await holder.query('select 1 from jobs where id = $1 for update', [jobId]);
      const writing = writeIt(id, { exportProgressMs: 0, signal: stop.signal });
      await waitFor(async () => (await waitingForLocks()) > 0, { description: 'progress to wait for the row' });
      stop.abort(new Error('The worker is shutting down.'));
      await holder.query('rollback');
      await expect(writing).rejects.toThrow('The worker is shutting down.');
    } finally {
      holder.release();
    }
    expect(test.database.pool.idleCount).toBe(test.database.pool.totalCount);
  });

  it.each<ExportFormat>(['JSONL', 'XLSX'])('of a %s file that is too large says so, and what to do', async (format) => {
    const jobId = await shareMany(4_500);
    const { id } = await exports.createExport(viewer, { jobId, format, content: 'ITEMS' });
    await expect(writeIt(id, { maxExportBytes: 50_000, exportPartBytes: 20_000 })).rejects.toMatchObject({
      code: 'LIMIT_EXCEEDED',
      limit: 50_000,
      retryable: false,
      message: expect.stringMatching(/larger than 50000 bytes.*fewer columns.*LONGHAUL_MAX_EXPORT_BYTES/),
    });
  });

  describe('after a kill -9', () => {
    it.each<[ExportFormat, ExportContent]>([
      ['JSONL', 'ITEMS'],
      ['JSONL', 'ALL'],
      ['JSON', 'ITEMS'],
      ['JSON', 'ALL'],
      ['CSV', 'ITEMS'],
      ['CSV', 'FAILURES'],
    ])('goes on with %s of %s behind the last part, to the same bytes', async (format, content) => {
      const jobId = await shareMany(4_500);
      const whole = await write({ jobId, format, content });
      const { id } = await exports.createExport(viewer, { jobId, format, content });
      const parts: string[] = [];
      const counting: Storage = {
        ...storage,
        put: async (key, ...rest) => {
          if (key.includes('/parts/')) parts.push(key.slice(key.lastIndexOf('/') + 1));
          return await storage.put(key, ...rest);
        },
      };
      // Two workers die, each with one part stored.
      await expect(writeIt(id, { exportPartBytes: 1, storage: dyingAtPart(2) })).rejects.toThrow('kill -9');
      await expect(writeIt(id, { exportPartBytes: 1, storage: dyingAtPart(2) })).rejects.toThrow('kill -9');
      await writeIt(id, { exportPartBytes: 1, storage: counting });
      const found = await exports.findExport(viewer, id);
      expect(found).toMatchObject({ state: 'COMPLETED', attempt: 3, checkpoint: null, percent: 100 });
      expect([found?.sha256, found?.byteSize]).toEqual([whole.sha256, whole.byteSize]);
      expect(parts[0]).toBe('3-3');
      expect(await listFiles(id)).toEqual(['3']);
    });

    it('goes on after the part was stored and its place was not', async () => {
      const jobId = await shareMany(4_500);
      const whole = await write({ jobId, format: 'CSV', content: 'ITEMS' });
      const { id } = await exports.createExport(viewer, { jobId, format: 'CSV', content: 'ITEMS' });
      const dying: Storage = {
        ...storage,
        put: async (key, ...rest) => {
          const stored = await storage.put(key, ...rest);
          if (key.endsWith('-2')) throw new Error('kill -9');
          return stored;
        },
      };
      await expect(writeIt(id, { exportPartBytes: 1, storage: dying })).rejects.toThrow('kill -9');
      await writeIt(id, { exportPartBytes: 1 });
      expect(await exports.findExport(viewer, id)).toMatchObject({ state: 'COMPLETED', sha256: whole.sha256 });
      expect(await listFiles(id)).toEqual(['2']);
    });

    it.each([
      [
        'the job has changed',
        async (jobId: string) => {
          const entry = { from: 'COMPLETED', to: 'RUNNING', reason: null, by: 'test', message: null } as const;
          await test.database.transaction(async (client) => {
            await client.query(`update item_results set state = 'SKIPPED' where job_id = $1 and index = 0`, [jobId]);
            await appendJobEvent(client, jobId, 'JobStateChanged', entry);
          });
        },
      ],
      [
        'a part is gone',
        async (_: string, exportId: string) => {
          await storage.delete(`exports/${exportId}/parts/1-1`);
        },
      ],
    ])('begins anew when %s', async (_, change) => {
      const jobId = await seedMany(4_500);
      const { id } = await exports.createExport(viewer, { jobId, format: 'CSV', content: 'ITEMS' });
      await expect(writeIt(id, { exportPartBytes: 1, storage: dyingAtPart(3) })).rejects.toThrow('kill -9');
      await change(jobId, id);
      await writeIt(id, { exportPartBytes: 1 });
      const { sha256 } = await write({ jobId, format: 'CSV', content: 'ITEMS' });
      expect(await exports.findExport(viewer, id)).toMatchObject({ state: 'COMPLETED', sha256 });
    });

    it('an attempt whose parts another one has deleted steps back', async () => {
      const jobId = await shareMany(4_500);
      const { id } = await exports.createExport(viewer, { jobId, format: 'JSONL', content: 'ITEMS' });
      const late: Storage = {
        ...storage,
        put: async (key, ...rest) => {
          if (key.endsWith(`${id}/1`)) await storage.delete(`exports/${id}/parts`);
          return await storage.put(key, ...rest);
        },
      };
      await expect(writeIt(id, { exportPartBytes: 1, storage: late })).rejects.toThrow(SupersededError);
      await writeIt(id, { exportPartBytes: 1 });
      expect(await exports.findExport(viewer, id)).toMatchObject({ state: 'COMPLETED', attempt: 2 });
    });

    it('an attempt that was taken for dead cannot add a part', async () => {
      const jobId = await shareMany(4_500);
      const { id } = await exports.createExport(viewer, { jobId, format: 'JSONL', content: 'ITEMS' });
      let taken = false;
      const late: Storage = {
        ...storage,
        put: async (key, ...rest) => {
          const stored = await storage.put(key, ...rest);
          if (key.endsWith('1-2') && !taken) {
            taken = true;
            await writeIt(id, { exportPartBytes: 1 });
          }
          return stored;
        },
      };
      await expect(writeIt(id, { exportPartBytes: 1, storage: late })).rejects.toThrow(SupersededError);
      expect(await exports.findExport(viewer, id)).toMatchObject({ state: 'COMPLETED', attempt: 2 });
      expect((await listFiles(id)).filter((name) => name !== 'parts')).toEqual(['2']);
      expect(await readdir(join(root, 'storage', 'exports', id, 'parts')).catch(() => [])).toEqual([]);
    });
  });

  /** Dies with the nth part that it is asked to store. */
  function dyingAtPart(part: number): Storage {
    let asked = 0;
    return {
      ...storage,
      put: async (key, ...rest) => {
        if (key.includes('/parts/') && ++asked === part) throw new Error('kill -9');
        return await storage.put(key, ...rest);
      },
    };
  }

  async function* failLate(content: Readable) {
    for await (const bytes of content) {
      yield bytes;
      throw new Error('No space left.');
    }
  }

  async function listFiles(id: string): Promise<string[]> {
    return await readdir(join(root, 'storage', 'exports', id)).catch(() => []);
  }
});

describe('a download link', () => {
  it('delivers the file under its name, with its length, type and tag', async () => {
    const found = await write({ format: 'CSV', content: 'ITEMS', fileNamePrefix: 'Bücher (1)' });
    const url = exports.downloadUrl(found);
    const response = await fetch(url ?? '');
    const body = Buffer.from(await response.arrayBuffer());
    expect(body.equals(await contentOf(found))).toBe(true);
    expect(Object.fromEntries(response.headers)).toMatchObject({
      'content-type': 'text/csv; charset=utf-8; header=present',
      'content-length': String(found.byteSize),
      'content-disposition': `attachment; filename="B_cher -1-items.csv"; filename*=UTF-8''B%C3%BCcher%20-1-items.csv`,
      etag: `"${found.sha256}"`,
    });

    const head = await fetch(url ?? '', { method: 'HEAD' });
    expect([head.status, head.headers.get('content-length'), await head.text()]).toEqual([
      200,
      String(found.byteSize),
      '',
    ]);
    const again = await fetch(url ?? '', { headers: { 'if-none-match': `"${found.sha256}"` } });
    expect([again.status, await again.text()]).toEqual([304, '']);
  });

  it.each([
    ['bytes=0-9', (bytes: Buffer) => bytes.subarray(0, 10)],
    ['bytes=100-', (bytes: Buffer) => bytes.subarray(100)],
    ['bytes=-7', (bytes: Buffer) => bytes.subarray(-7)],
  ])('delivers the part %s', async (range, expected) => {
    const found = await write({ format: 'JSONL', content: 'ITEMS' });
    const response = await fetch(exports.downloadUrl(found) ?? '', { headers: { range } });
    const whole = await contentOf(found);
    const part = expected(whole);
    expect(response.status).toBe(206);
    expect(Buffer.from(await response.arrayBuffer())).toEqual(part);
    const start = whole.lastIndexOf(part);
    expect(Object.fromEntries(response.headers)).toMatchObject({
      'accept-ranges': 'bytes',
      'content-length': String(part.length),
      'content-range': `bytes ${start}-${start + part.length - 1}/${whole.length}`,
      etag: `"${found.sha256}"`,
    });
  });

  it('delivers a part only of the file that the client has begun with, and the whole where a part makes no sense', async () => {
    const found = await write({ format: 'JSONL', content: 'ITEMS' });
    const link = exports.downloadUrl(found) ?? '';
    const etag = `"${found.sha256}"`;
    const statusOf = async (headers: Record<string, string>, method = 'GET') => {
      const response = await fetch(link, { method, headers });
      await response.arrayBuffer();
      return response.status;
    };
    expect(await statusOf({ range: 'bytes=5-', 'if-range': etag })).toBe(206);
    expect(await statusOf({ range: 'bytes=5-', 'if-range': '"another"' })).toBe(200);
    expect(await statusOf({ range: 'bytes=5-', 'if-range': `W/${etag}` })).toBe(200);
    expect(await statusOf({ range: 'bytes=5-', 'if-range': new Date().toUTCString() })).toBe(200);
    expect(await statusOf({ range: 'bytes=0-1,5-6' })).toBe(200);
    expect(await statusOf({ range: 'bytes=5-' }, 'HEAD')).toBe(200);
    expect(await statusOf({ range: 'bytes=5-', 'if-none-match': etag })).toBe(304);
    expect(await statusOf({ 'if-none-match': '"another", *' })).toBe(304);
    expect(await statusOf({ 'if-none-match': '"another"' })).toBe(200);
  });

  it('says how long the file is when the part lies behind its end', async () => {
    const found = await write({ format: 'CSV', content: 'ITEMS' });
    const response = await fetch(exports.downloadUrl(found) ?? '', { headers: { range: `bytes=${found.byteSize}-` } });
    expect([response.status, response.headers.get('content-range')]).toEqual([416, `bytes */${found.byteSize}`]);
    expect(await response.json()).toEqual({
      errors: [
        {
          message: `The file has ${found.byteSize} bytes: the range that was asked for begins behind its end.`,
          extensions: { code: 'INVALID_INPUT' },
        },
      ],
    });
  });

  it.runIf(hasCurl)('is resumed by curl after a cut, to the same bytes', async () => {
    const jobId = await shareMany(4_500);
    const found = await write({ jobId, format: 'JSONL', content: 'ITEMS' });
    const link = exports.downloadUrl(found) ?? '';
    const path = join(root, 'resumed');
    // The client is cut off after 100,000 bytes, as by a lost connection.
    await writeFile(path, await readFirst(link, 100_000));
    await run('curl', ['--silent', '--show-error', '--fail', '--continue-at', '-', '--output', path, link]);
    const bytes = await readFile(path);
    expect(bytes.equals(await contentOf(found))).toBe(true);
    expect(createHash('sha256').update(bytes).digest('hex')).toBe(found.sha256);
  });

  async function readFirst(link: string, byteSize: number): Promise<Buffer> {
    const pieces: Buffer[] = [];
    let read = 0;
    const { body } = await fetch(link);
    for await (const piece of body ?? []) {
      pieces.push(Buffer.from(piece));
      read += piece.length;
      if (read >= byteSize) break;
    }
    return Buffer.concat(pieces).subarray(0, byteSize);
  }

  it('leads nowhere when it is changed, has expired, or the export is gone', async () => {
    const found = await write({ format: 'JSON', content: 'ITEMS' });
    const link = exports.downloadUrl(found) ?? '';
    const notFound = {
      errors: [
        {
          message: 'There is nothing here: not found or expired. Ask the API for a new link.',
          extensions: { code: 'NOT_FOUND' },
        },
      ],
    };
    const get = async (url: string) => {
      const response = await fetch(url);
      return { status: response.status, body: await response.json() };
    };
    expect(await get(`${link}x`)).toEqual({ status: 404, body: notFound });
    await exports.deleteExport(viewer, found.id);
    expect(await get(link)).toEqual({ status: 404, body: notFound });
    expect(await storage.head(exportFileKey(found))).toBeNull();

    const expired = await write({ format: 'JSON', content: 'ITEMS' });
    const expiredLink = exports.downloadUrl(expired) ?? '';
    await test.database.pool.query(`update exports set expires_at = now() - interval '1 second' where id = $1`, [
      expired.id,
    ]);
    expect(await get(expiredLink)).toEqual({ status: 404, body: notFound });
  });

  it('leads nowhere when the job was deleted', async () => {
    const jobId = await seedMany(1);
    const link = exports.downloadUrl(await write({ jobId, format: 'JSON', content: 'ITEMS' }));
    await test.database.pool.query('update jobs set deleted_at = now() where id = $1', [jobId]);
    expect((await fetch(link ?? '')).status).toBe(404);
  });
});
