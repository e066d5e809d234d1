import { randomBytes } from 'node:crypto';
import { gzipSync } from 'node:zlib';
import { parquetWriteBuffer } from 'hyparquet-writer';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { readEarlierJobRows } from '../../src/sources/earlier-job-rows.ts';
import { uploadKey } from '../../src/sources/source-file.ts';
import { startTestApi, type TestApi } from '../support/api.ts';
import type { TestEngine } from '../support/engine.ts';
import { startFileServer, type FileServer } from '../support/file-server.ts';
import type { TestClient } from '../support/graphql-client.ts';
import { waitFor } from '../support/wait-for.ts';
import { workbookParts, writeZip } from '../support/zip.ts';

let api: TestApi;
let engine: TestEngine;
let client: TestClient;
let stranger: TestClient;
let files: FileServer;

beforeAll(async () => {
  api = await startTestApi();
  ({ engine, client, stranger } = api);
  await engine.startWorker();
  files = await startFileServer('');
});

afterAll(async () => {
  await files[Symbol.asyncDispose]();
  await api.close();
});

const header = 'reference,account,amount,currency,occurredAt';
const rowsOf = (prefix: string, count: number, currency = 'EUR') =>
  Array.from({ length: count }, (_, index) => `${prefix}-${index},A,1.50,${currency},2026-01-02`);
const table = (...rows: string[]) => Buffer.from(`${[header, ...rows].join('\n')}\n`);

beforeEach(() => {
  files.requests.length = 0;
  files.answers.clear();
  files.file = { content: table(...rowsOf('default', 2)), etag: '"1"' };
});

interface Answer {
  __typename: string;
  job?: { id: string };
  message?: string;
  code?: string;
  state?: string;
  issues?: { path: string[] }[];
}

async function submit(source: unknown, input: Record<string, unknown> = {}, by = client): Promise<Answer> {
  const { submitJob } = await by.query<{ submitJob: Answer }>(
    `mutation ($input: SubmitJobInput!) { submitJob(input: $input) { __typename
       ... on SubmitJobPayload { job { id } } ... on Error { message code }
       ... on ConflictError { state } ... on InvalidInputError { issues { path } } } }`,
    { input: { title: 'Remote', spec: { transactions: { onDuplicate: 'SKIP' } }, source, ...input } },
  );
  return submitJob;
}

interface EndedJob {
  id: string;
  state: string;
  message: string;
  stages: { name: string; metadata: Record<string, unknown> }[];
  items: { nodes: { key: string; state: string; input: unknown }[] };
}

/** The job once it is over. */
async function run(source: unknown, input: Record<string, unknown> = {}): Promise<EndedJob> {
  const { job, message } = await submit(source, input);
  if (!job) throw new Error(message);
  return await end(job.id);
}

async function end(id: string): Promise<EndedJob> {
  await client.subscribe('subscription ($id: ID!) { jobEvents(jobId: $id) { sequence } }', { id }).all();
  const { job } = await client.query<{ job: EndedJob }>(
    `query ($id: ID!) { job(id: $id) { id state message stages { name metadata }
       items { nodes { key state ... on TransactionItem { input { account amount } } ... on EchoItem { input { value } } } } } }`,
    { id },
  );
  return job;
}

async function change(mutation: string, id: string): Promise<Answer> {
  const answer = await client.query<Record<string, Answer>>(
    `mutation ($id: ID!) { ${mutation}(input: { jobId: $id }) { __typename ... on Error { message code } ... on ConflictError { state } } }`,
    { id },
  );
  return answer[mutation] ?? { __typename: 'none' };
}

const uuidOf = (globalId: string) => Buffer.from(globalId, 'base64').toString().slice(-36);
const query = async <Row extends object>(sql: string, values: unknown[]) =>
  (await engine.services.database.pool.query<Row>(sql, values)).rows;

describe('A job over a URL', () => {
  test('reads the file as it was fetched, as its name tells, and leaves it as an upload', async () => {
    files.file = { content: table(...rowsOf('fetched', 3)), etag: '"1"' };
    const job = await run({ url: { url: files.url('/may.csv?signature=hidden') } });
    expect([job.state, job.items.nodes.map(({ key, state }) => [key, state])]).toEqual([
      'COMPLETED',
      [0, 1, 2].map((index) => [`fetched-${index}`, 'SUCCEEDED']),
    ]);
    const { uploads } = await client.query<{ uploads: { nodes: unknown[] } }>(
      '{ uploads(first: 1) { nodes { fileName byteSize uploadUrl } } }',
    );
    expect(uploads.nodes).toEqual([
      { fileName: 'may.csv', byteSize: String(files.file.content.length), uploadUrl: null },
    ]);
    expect(files.requests).toHaveLength(1);
  });

  test('sends headers along, and shows neither them nor the URL anywhere', async () => {
    const headers = [{ name: 'authorization', value: 'Bearer hidden-header' }];
    const job = await run({ url: { url: files.url('/file.csv?signature=hidden-query'), headers } });
    expect(job.state).toBe('COMPLETED');
    expect(files.requests[0]).toMatchObject({
      path: '/file.csv?signature=hidden-query',
      headers: { authorization: 'Bearer hidden-header' },
    });
    const stored = await query(
      `select j::text, (select json_agg(e) from job_events e where e.job_id = j.id)::text as events,
         (select json_agg(s) from stages s where s.job_id = j.id)::text as stages, (select json_agg(u) from uploads u)::text as uploads
       from jobs j where id = $1`,
      [uuidOf(job.id)],
    );
    expect(JSON.stringify(stored)).toContain('sealed');
    expect(JSON.stringify(stored)).not.toMatch(/hidden|127\.0\.0\.1/);
  });

  test('is read as the client says, its columns mapped', async () => {
    files.file = {
      content: Buffer.from('Beleg;account;amount;currency;occurredAt\nm-1;Müller;1;EUR;2026-01-02\n', 'latin1'),
    };
    const reading = {
      format: 'CSV',
      delimiter: ';',
      encoding: 'latin1',
      columns: [{ column: 'Beleg', field: 'reference' }],
    };
    const job = await run({ url: { url: files.url('/download'), ...reading } });
    expect(job.items.nodes).toEqual([{ key: 'm-1', state: 'SUCCEEDED', input: { account: 'Müller', amount: '1' } }]);
    const wrong = await run({
      url: { url: files.url('/download'), ...reading, columns: [{ column: 'IBAN', field: 'account' }] },
    });
    expect([wrong.state, wrong.message]).toEqual([
      'FAILED',
      'Failed: "IBAN" is no column of the source; there are: Beleg, account, amount, currency, occurredAt.',
    ]);
  });

  test('that broke goes on where it stopped, and a pause keeps what came', async () => {
    const content = table(...rowsOf('cut', 4_000));
    files.file = { content, etag: '"1"' };
    files.holdAfter = [50_000, 30_000];
    const { job } = await submit({ url: { url: files.url() } });
    const id = job?.id ?? '';
    await waitFor(async () => (await bytesThere(id)) === 50_000, { description: 'the first bytes' });
    files.cut();
    await waitFor(async () => (await bytesThere(id)) === 80_000, { description: 'the next bytes' });
    await change('pauseJob', id);
    await engine.reach(uuidOf(id), 'PAUSED');
    await change('resumeJob', id);
    const ended = await end(id);
    expect([ended.state, ended.message]).toEqual(['COMPLETED', 'Completed: 4,000 succeeded, 0 failed']);
    expect(files.requests.map((request) => request.headers.range)).toEqual([undefined, 'bytes=50000-', 'bytes=80000-']);
    expect(ended.stages[0]?.metadata).toMatchObject({ bytesFetched: content.length, bytesToFetch: content.length });
  });

  test('is fetched anew when it is retried after it failed', async () => {
    files.answers.set('/file.csv', (_, response) => void response.writeHead(403).end());
    const failed = await run({ url: { url: files.url() } });
    expect([failed.state, failed.message]).toEqual([
      'FAILED',
      `Failed: ${new URL(files.url()).host} answered 403. The signature of the URL may have expired, or the credentials do not allow it.`,
    ]);
    files.answers.clear();
    await change('retryJob', failed.id);
    const job = await end(failed.id);
    expect([job.state, job.items.nodes.length]).toEqual(['COMPLETED', 2]);
  });

  test('reads the file in a ZIP archive whose own name tells nothing', async () => {
    files.file = { content: writeZip([{ name: 'may/table.csv', content: table(...rowsOf('zipped', 2)) }]) };
    const job = await run({ url: { url: files.url('/download') } });
    expect([job.state, job.items.nodes.map(({ key }) => key)]).toEqual(['COMPLETED', ['zipped-0', 'zipped-1']]);
    files.file = {
      content: writeZip([
        { name: 'a.csv', content: 'a' },
        { name: 'b.csv', content: 'b' },
      ]),
    };
    const unclear = await run({ url: { url: files.url('/download.zip') } });
    expect([unclear.state, unclear.message]).toEqual([
      'FAILED',
      'Failed: The ZIP archive holds 2 files that may be meant: say which as entry; there are: "a.csv", "b.csv".',
    ]);
    expect(await query('select 1 from uploads where file_name = $1', ['download.zip'])).toEqual([]);
  });

  test('fails with what to do when nothing tells its format', async () => {
    const job = await run({ url: { url: files.url('/download') } });
    expect(job.message).toBe(
      'Failed: Neither the name "download" of the file nor its type (none) tells the format: say one of CSV, TSV, JSONL, JSON, XLSX, PARQUET.',
    );
  });

  test.each([
    ['ftp://127.0.0.1/a.csv', 'A source can be fetched by https: and http:, not by ftp'],
    ['nowhere', 'The source is no URL: give it like https://host/path/file.csv'],
    ['https://me:hidden@host/a.csv', 'A URL must not hold a user name or password'],
  ])('%s is refused at once', async (url, reason) => {
    const refused = await submit({ url: { url } });
    expect(refused).toMatchObject({ __typename: 'InvalidInputError', issues: [{ path: ['source', 'url', 'url'] }] });
    expect(refused.message).toContain(reason);
    expect(refused.message).not.toContain('hidden');
  });

  test.each([
    { name: 'host', value: 'x' },
    { name: 'Range', value: 'bytes=0-1' },
    { name: 'a b', value: 'x' },
    { name: 'authorization', value: 'hidden\r\nhost: x' },
  ])('with the header $name that cannot be sent is refused at once', async (sent) => {
    const refused = await submit({ url: { url: files.url(), headers: [sent] } });
    expect(refused).toMatchObject({
      __typename: 'InvalidInputError',
      issues: [{ path: ['source', 'url', 'headers'] }],
    });
    expect(refused.message).not.toContain('hidden');
  });

  async function bytesThere(id: string): Promise<number> {
    const [job] = await query<{ uploadId: string }>(
      `select source ->> 'uploadId' as "uploadId" from jobs where id = $1`,
      [uuidOf(id)],
    );
    return job ? await engine.services.storage.draftSize(uploadKey(job.uploadId)) : 0;
  }
});

describe('A job over an earlier job', () => {
  let earlier: EndedJob;

  beforeAll(async () => {
    files.answers.clear();
    files.file = { content: table(...rowsOf('good', 2), ...rowsOf('bad', 2, 'NOPE'), ...rowsOf('last', 1)) };
    earlier = await run({ url: { url: files.url() } });
  });

  test.each([
    ['ALL', ['good-0', 'good-1', 'bad-0', 'bad-1', 'last-0'], ['SKIPPED', 'SKIPPED', 'FAILED', 'FAILED', 'SKIPPED']],
    ['FAILED', ['bad-0', 'bad-1'], ['FAILED', 'FAILED']],
  ])('takes %s of its inputs, in their order', async (items, keys, states) => {
    const { nodes } = (await run({ job: { jobId: earlier.id, items } })).items;
    expect([nodes.map(({ key }) => key), nodes.map(({ state }) => state)]).toEqual([keys, states]);
  });

  test('takes what came out of those that succeeded, for another job type, with its columns mapped', async () => {
    const items = [{ value: 'a' }, { value: 'b' }];
    const first = await run({ inline: { items } }, { spec: { echo: {} } });
    const outputs = await query<{ output: Record<string, unknown> }>(
      'select output from item_results where job_id = $1 order by index',
      [uuidOf(first.id)],
    );
    const [column = ''] = Object.keys(outputs[0]?.output ?? {});
    const source = { job: { jobId: first.id, items: 'OUTPUTS', columns: [{ column, field: 'value' }] } };
    const second = await run(source, { spec: { echo: {} } });
    expect(second.items.nodes.map(({ input }) => input)).toEqual(
      outputs.map(({ output }) => ({ value: output[column] })),
    );
    expect(await submit({ job: { jobId: first.id, columns: [{ column: 'no', field: 'account' }] } })).toMatchObject({
      __typename: 'InvalidInputError',
      message: '"no" is no column of the source; there are: value.',
      issues: [{ path: ['source', 'job', 'columns', '0', 'column'] }],
    });
  });

  test('must have ended, and belong to the project', async () => {
    const { job } = await submit({ inline: { items: [{ value: 'x' }] } }, { spec: { echo: { delayMs: 60_000 } } });
    const jobId = job?.id ?? '';
    await engine.reach(uuidOf(jobId), 'RUNNING');
    expect(await submit({ job: { jobId } })).toEqual({
      __typename: 'ConflictError',
      code: 'CONFLICT',
      state: 'RUNNING',
      message: `Job ${uuidOf(jobId)} is RUNNING: its items can be a source once it has ended.`,
    });
    await change('cancelJob', jobId);
    expect(await submit({ job: { jobId: earlier.id } }, {}, stranger)).toMatchObject({ __typename: 'NotFoundError' });
  });

  test('keeps that from being deleted or retried until it has read it', async () => {
    const paused = await submit({ job: { jobId: earlier.id } });
    const id = uuidOf(paused.job?.id ?? '');
    await engine.reach(id, 'COMPLETED');
    // As it is while its worker reads: nothing else about it matters here.
    await query(`update jobs set state = 'RUNNING' where id = $1`, [id]);
    await query(`update stages set state = 'RUNNING' where job_id = $1 and position = 0`, [id]);
    for (const [mutation, action] of [
      ['deleteJob', 'DELETE'],
      ['retryJob', 'RETRY'],
    ] as const) {
      expect(await change(mutation, earlier.id)).toEqual({
        __typename: 'ConflictError',
        code: 'CONFLICT',
        state: 'COMPLETED',
        message: `Job ${id} is reading the items of job ${uuidOf(earlier.id)}: ${action} is possible once it has read them, or is canceled.`,
      });
    }
    await query(`update stages set state = 'COMPLETED' where job_id = $1 and position = 0`, [id]);
    await query(`update jobs set state = 'COMPLETED' where id = $1`, [id]);
  });

  test.each(['deleteJob', 'retryJob'])('fails rather than leaves items out when %s comes between', async (mutation) => {
    files.file = { content: table(...rowsOf(mutation, 5_001, 'NOPE')) };
    const source = await run({ url: { url: files.url() } });
    const { completedAt } = await engine.getJob(uuidOf(source.id));
    const frozen = {
      kind: 'job',
      jobId: uuidOf(source.id),
      items: 'FAILED',
      endedAt: completedAt?.toISOString() ?? '',
    } as const;
    const reading = readEarlierJobRows(engine.services.database.pool, frozen);
    const first = await reading.next();
    expect(first.value).toMatchObject({ length: 5_000, 4_999: { row: 5_000, raw: { reference: `${mutation}-4999` } } });
    expect((await change(mutation, source.id)).__typename).toMatch(/Payload$/);
    await expect(reading.next()).rejects.toThrow('was deleted or run again after this job was submitted');
  });
});

describe('previewSource', () => {
  const preview = async (source: unknown, by = client) => {
    const { previewSource } = await by.query<{ previewSource: unknown }>(
      `query ($input: PreviewSourceInput!) { previewSource(input: $input) { __typename
         ... on PreviewSourcePayload { columns rows { row key isValid raw } } ... on Error { message code } } }`,
      { input: { spec: { transactions: {} }, source, rows: 1 } },
    );
    return previewSource;
  };
  const columns = header.split(',');
  /** More than is fetched at once, and not to be read: it lies before or beside the rows. */
  const ballast = { name: 'ballast.bin', content: randomBytes(5_000_000), method: 0 };
  const binaries: Record<string, () => Buffer> = {
    'a workbook': () => {
      const rowOf = (cells: string[]) =>
        `<row>${cells.map((cell) => `<c t="inlineStr"><is><t>${cell}</t></is></c>`).join('')}</row>`;
      const lines = [columns, ...rowsOf('b', 2).map((row) => row.split(','))];
      return writeZip([ballast, ...workbookParts(lines.map(rowOf).join(''))]);
    },
    'a Parquet file': () => {
      const count = 40_000;
      const rows = rowsOf('b', count).map((row) => row.split(','));
      const data = columns.map((name, at) => ({
        name,
        data: rows.map((row) => row[at] ?? ''),
        type: 'STRING' as const,
      }));
      const noise = Array.from({ length: count }, () => randomBytes(100).toString('hex'));
      return Buffer.from(
        parquetWriteBuffer({
          columnData: [...data, { name: 'noise', data: noise, type: 'STRING' }],
          codec: 'UNCOMPRESSED',
          rowGroupSize: 1_000,
        }),
      );
    },
    'a ZIP archive': () => writeZip([ballast, { name: 'table.csv', content: table(...rowsOf('b', 2)) }]),
  };

  test('looks into a URL, fetching no more than it needs and storing nothing', async () => {
    const count = async () => (await query('select count(*)::int from uploads', []))[0];
    const before = await count();
    files.file = { content: table(rowsOf('seen', 400_000).join('\n')) };
    const closedBefore = files.closed;
    let sent = 0;
    files.answers.set('/file.csv', (_, response) => {
      for (let at = 0; at < files.file.content.length; at += 65_536) {
        const bytes = files.file.content.subarray(at, at + 65_536);
        response.write(bytes, (error) => {
          if (!error) sent += bytes.length;
        });
      }
      response.end();
    });
    expect(await preview({ url: { url: files.url() } })).toMatchObject({
      columns,
      rows: [{ row: '1', key: 'seen-0', isValid: true }],
    });
    await waitFor(() => files.closed > closedBefore, { description: 'the connection to be closed' });
    expect(files.requests).toHaveLength(1);
    expect(sent).toBeLessThan(files.file.content.length);
    expect(await count()).toEqual(before);
  });

  test.each([
    ['a workbook', '/a.xlsx', null],
    ['a workbook', '/download', 'application/vnd.openxmlformats-officedocument.spreadsheetml.sheet'],
    ['a workbook', '/download', 'application/octet-stream'],
    ['a Parquet file', '/a.parquet', null],
    ['a Parquet file', '/download', 'application/vnd.apache.parquet'],
    ['a Parquet file', '/download', null],
    ['a ZIP archive', '/download.zip', 'application/zip'],
  ])('looks into %s by ranges: %s of the type %s', async (kind, path, type) => {
    const content = binaries[kind]?.() ?? Buffer.alloc(0);
    files.file = { content, etag: '"1"', headers: type === null ? {} : { 'content-type': type } };
    expect(await preview({ url: { url: files.url(path) } })).toMatchObject({
      columns: expect.arrayContaining(columns),
      rows: [{ row: '1', key: 'b-0', isValid: true, raw: expect.objectContaining({ account: 'A' }) }],
    });
    const [first, ...ranges] = files.requests;
    expect(first?.headers.range).toBeUndefined();
    expect(ranges.length).toBeGreaterThan(0);
    expect(ranges.every(({ headers }) => headers.range && headers['if-range'] === '"1"')).toBe(true);
    files.requests.length = 0;
    files.file.acceptRanges = false;
    expect(await preview({ url: { url: files.url(path) } })).toMatchObject({ rows: [{ key: 'b-0', isValid: true }] });
  });

  test('unpacks gzip, and reads a file of one byte', async () => {
    files.file = { content: gzipSync(table(...rowsOf('packed', 3))) };
    expect(await preview({ url: { url: files.url('/a.csv.gz') } })).toMatchObject({
      columns,
      rows: [{ key: 'packed-0' }],
    });
    files.file = { content: Buffer.from('x') };
    expect(await preview({ url: { url: files.url() } })).toMatchObject({ __typename: 'InvalidInputError' });
    files.file = { content: Buffer.alloc(0) };
    expect(await preview({ url: { url: files.url() } })).toMatchObject({
      message: 'The file is empty: a CSV begins with a header line that names its columns.',
    });
  });

  test('of a URL that cannot be read is a typed error', async () => {
    files.answers.set('/file.csv', (_, response) => void response.writeHead(404).end());
    const invalid = { __typename: 'InvalidInputError', code: 'INVALID_INPUT' };
    expect(await preview({ url: { url: files.url() } })).toEqual({
      ...invalid,
      message: `${new URL(files.url()).host} answered 404. There is no such file: check the URL.`,
    });
    expect(await preview({ url: { url: files.url('/download') } })).toMatchObject(invalid);
    expect(await preview({ url: { url: 'http://169.254.169.254/latest/meta-data/' } })).toEqual({
      ...invalid,
      message:
        '169.254.169.254 has an address that is not public, and was not asked. If it is meant, whoever runs this server can allow its network by LONGHAUL_FETCH_ALLOWED_NETWORKS; else upload the file.',
    });
    files.answers.set('/large.csv', (_, response) =>
      response.writeHead(200, { 'content-length': 2 ** 40 }).flushHeaders(),
    );
    expect(await preview({ url: { url: files.url('/large.csv') } })).toMatchObject({
      __typename: 'LimitExceededError',
    });
  });

  test('looks into an earlier job', async () => {
    const job = await run({ url: { url: files.url() } });
    expect(await preview({ job: { jobId: job.id } })).toMatchObject({
      columns: expect.arrayContaining(columns),
      rows: [{ row: '1', key: 'default-0', isValid: true }],
    });
    expect(await preview({ job: { jobId: job.id } }, stranger)).toMatchObject({ __typename: 'NotFoundError' });
  });
});
