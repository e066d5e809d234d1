import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import pino from 'pino';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ingestItems } from '../../src/activities/ingest-items.ts';
import { SourceRefusedError } from '../../src/activities/source-refused-error.ts';
import { SupersededError } from '../../src/activities/superseded-error.ts';
import type { Database } from '../../src/database/database.ts';
import { newId } from '../../src/database/new-id.ts';
import type { UploadFormat } from '../../src/domain/job.ts';
import { fingerprint } from '../../src/domain/fingerprint.ts';
import { UnreadableSourceError } from '../../src/sources/unreadable-source-error.ts';
import { createLocalDiskStorage } from '../../src/storage/local-disk.ts';
import type { Storage } from '../../src/storage/storage.ts';
import { createTestDatabase, type TestDatabase } from '../support/database.ts';
import { seedReadingJob, type ReadingJob } from '../support/seed-reading-job.ts';

const log = pino({ level: 'silent' });
const projectId = newId();
let test: TestDatabase;
let root: string;
let storage: Storage;

beforeAll(async () => {
  test = await createTestDatabase();
  root = await mkdtemp(join(tmpdir(), 'longhaul-ingest-'));
  storage = createLocalDiskStorage(root);
});

afterAll(async () => {
  await test.close();
  await rm(root, { recursive: true, force: true });
});

async function upload(content: string, format: UploadFormat = 'CSV') {
  const uploadId = newId();
  await storage.put(`uploads/${uploadId}`, Readable.from([content]));
  return { kind: 'upload' as const, uploadId, format };
}

const seed = (job: Omit<ReadingJob, 'projectId'>) => seedReadingJob(test.database, { projectId, ...job });

function ingest(jobId: string, options: { database?: Database; storage?: Storage; signal?: AbortSignal } = {}) {
  const deps = { database: options.database ?? test.database, storage: options.storage ?? storage, log };
  return ingestItems(deps, {
    jobId,
    heartbeat: () => undefined,
    signal: options.signal ?? new AbortController().signal,
  });
}

async function query<Row extends object>(sql: string, jobId: string): Promise<Row[]> {
  const { rows } = await test.database.pool.query<Row>(sql, [jobId]);
  return rows;
}

const counts = (jobId: string) =>
  query('select total::int, pending::int, failed::int, last_sequence::int as entries from jobs where id = $1', jobId);
const stage = (jobId: string) =>
  query('select state, total::int, completed::int, failed::int, metadata from stages where job_id = $1', jobId);
const items = (jobId: string) =>
  query<{ index: number; key: string; payload: string }>(
    'select index::int, key, payload::text as payload from items where job_id = $1 order by index',
    jobId,
  );
const results = (jobId: string) =>
  query(
    'select index::int, stage, generation, attempts, state, error_code, error_field, error_message, fingerprint from item_results where job_id = $1 order by index',
    jobId,
  );
const journal = (jobId: string) =>
  query('select sequence::int, type, data from job_events where job_id = $1 order by sequence', jobId);

const header = 'reference,account,amount,currency,occurredAt,description\n';
const good = (reference: string, amount = '12.50') => `${reference},A 1,${amount},EUR,2026-03-02T09:30:00Z,\n`;

describe('MODERATE', () => {
  it('brings in good rows as they are and ends bad ones, in one commit with counters and journal', async () => {
    const content = `${header}${good('r-1', '1234567890123456789.10')}r-2,A 1,abc,EUR,2026-03-02,x\nr-3,A 1,1,EUR\n${good('r-4')}`;
    const source = await upload(content);
    const jobId = await seed({ source });

    expect(await ingest(jobId)).toBe('DONE');
    expect(await counts(jobId)).toEqual([{ total: 4, pending: 2, failed: 2, entries: 2 }]);
    const bytes = Buffer.byteLength(content);
    expect(await stage(jobId)).toEqual([
      { state: 'COMPLETED', total: 4, completed: 4, failed: 2, metadata: { bytesRead: bytes, bytesTotal: bytes } },
    ]);
    expect((await items(jobId)).map((item) => ({ ...item, payload: JSON.parse(item.payload) }))).toEqual([
      {
        index: 0,
        key: 'r-1',
        payload: {
          reference: 'r-1',
          account: 'A 1',
          amount: '1234567890123456789.10',
          currency: 'EUR',
          occurredAt: '2026-03-02T09:30:00.000Z',
        },
      },
      {
        index: 1,
        key: 'r-2',
        payload: {
          reference: 'r-2',
          account: 'A 1',
          amount: 'abc',
          currency: 'EUR',
          occurredAt: '2026-03-02',
          description: 'x',
        },
      },
      { index: 2, key: '2', payload: ['r-3', 'A 1', '1', 'EUR'] },
      {
        index: 3,
        key: 'r-4',
        payload: {
          reference: 'r-4',
          account: 'A 1',
          amount: '12.50',
          currency: 'EUR',
          occurredAt: '2026-03-02T09:30:00.000Z',
        },
      },
    ]);
    const failed = { stage: 0, generation: 0, attempts: 0, state: 'FAILED', error_code: 'INVALID_ITEM' };
    const message = 'amount must be a decimal number like 1234.50, not "abc"';
    expect(await results(jobId)).toEqual([
      {
        index: 1,
        ...failed,
        error_field: 'amount',
        error_message: message,
        fingerprint: fingerprint('INVALID_ITEM', message),
      },
      {
        index: 2,
        ...failed,
        error_field: null,
        error_message: 'has 4 columns, but the header has 6',
        fingerprint: fingerprint('INVALID_ITEM', 'has 9 columns, but the header has 1'),
      },
    ]);
    const figures = { stage: 'INGEST', generation: 0, completed: 4, failed: 2 };
    expect(await journal(jobId)).toEqual([
      {
        sequence: 1,
        type: 'StageProgressed',
        data: {
          ...figures,
          total: null,
          counts: { total: 4, pending: 2, running: 0, succeeded: 0, failed: 2, skipped: 0, canceled: 0 },
        },
      },
      { sequence: 2, type: 'StageCompleted', data: { ...figures, total: 4 } },
    ]);
  });

  it('stores what COPY and jsonb give a meaning to', async () => {
    const values = ['a\tb\\n\\.\\N', 'line\r\nbreak', '\\', '"', 'NULL', '\u2028😀', '\b\f\v'];
    const jobId = await seed({ type: 'echo', source: { kind: 'inline', items: values.map((value) => ({ value })) } });
    expect(await ingest(jobId)).toBe('DONE');
    expect((await items(jobId)).map(({ payload }) => JSON.parse(payload))).toEqual(values.map((value) => ({ value })));
  });

  it('stores keys that hold separators', async () => {
    const reference = 'tab\there\\ and\nthere';
    const item = { reference, account: 'A', amount: '1', currency: 'EUR', occurredAt: '2026-03-02' };
    const jobId = await seed({ source: { kind: 'inline', items: [item] } });
    expect(await ingest(jobId)).toBe('DONE');
    expect((await items(jobId)).map(({ key }) => key)).toEqual([reference]);
  });

  it('ends items that Postgres cannot hold, and shows what is left of them', async () => {
    const source = await upload('{"value":"a\\u0000b"}\n{"value":"\\ud800"}\n{"value":"c"}\nno json\n', 'JSONL');
    const jobId = await seed({ type: 'echo', source });
    expect(await ingest(jobId)).toBe('DONE');
    expect((await items(jobId)).map(({ payload }) => JSON.parse(payload))).toEqual([
      { value: 'a\uFFFDb' },
      { value: '\uFFFD' },
      { value: 'c' },
      'no json',
    ]);
    expect(await results(jobId)).toMatchObject([
      { index: 0, error_field: 'value', error_message: 'value holds a NUL character' },
      { index: 1, error_field: 'value', error_message: 'value holds half of a surrogate pair, which is no character' },
      { index: 3, error_field: null, error_message: expect.stringMatching(/^is not JSON: /) },
    ]);
  });

  it('of nothing ends at once', async () => {
    const jobId = await seed({ source: await upload(header) });
    expect(await ingest(jobId)).toBe('DONE');
    expect(await counts(jobId)).toEqual([{ total: 0, pending: 0, failed: 0, entries: 1 }]);
    expect(await ingest(jobId)).toBe('DONE');
    expect(await journal(jobId)).toHaveLength(1);
  });
});

describe('STRICT', () => {
  it('writes nothing when a row is bad, and lists the problems', async () => {
    const source = await upload(`${header}${good('r-1')}r-2,A 1,abc,EUX,2026-03-02,\nr-3,A\n`);
    const jobId = await seed({ source, validation: 'STRICT' });
    const refused = await ingest(jobId).catch((error: unknown) => error);
    expect(refused).toBeInstanceOf(SourceRefusedError);
    expect(refused).toMatchObject({
      message: '3 problems in the source, and STRICT validation takes none: nothing was run.',
      issues: [
        { path: ['amount'], row: 2, field: 'amount', message: 'must be a decimal number like 1234.50, not "abc"' },
        {
          path: ['currency'],
          row: 2,
          field: 'currency',
          message: 'must be an ISO 4217 currency code like EUR, not "EUX"',
        },
        { path: [], row: 3, field: null, message: 'has 2 columns, but the header has 6' },
      ],
    });
    expect(await counts(jobId)).toEqual([{ total: 0, pending: 0, failed: 0, entries: 0 }]);
    expect(await items(jobId)).toEqual([]);
  });

  it('lists the first hundred problems of many', async () => {
    const source = await upload(header + 'r,A,abc,EUR,2026-03-02,\n'.repeat(300));
    const jobId = await seed({ source, validation: 'STRICT' });
    const refused = await ingest(jobId).catch((error: unknown) => error);
    expect(refused).toMatchObject({
      message: expect.stringMatching(/^At least 100 problems/),
      issues: { length: 100, 99: { row: 100 } },
    });
  });

  it('brings in a source without problems', async () => {
    const jobId = await seed({ source: await upload(header + good('r-1') + good('r-2')), validation: 'STRICT' });
    expect(await ingest(jobId)).toBe('DONE');
    expect(await counts(jobId)).toEqual([{ total: 2, pending: 2, failed: 0, entries: 2 }]);
  });
});

describe('PERMISSIVE', () => {
  it('stores what it made of a row', async () => {
    const row = ' r-1 ,A 1,"€ 1,234.50",eur,2026/03/02 09:30,\n';
    const jobId = await seed({ source: await upload(header + row), validation: 'PERMISSIVE' });
    expect(await ingest(jobId)).toBe('DONE');
    expect((await items(jobId)).map(({ payload }) => JSON.parse(payload))).toEqual([
      { reference: 'r-1', account: 'A 1', amount: '1234.50', currency: 'EUR', occurredAt: '2026-03-02T09:30:00.000Z' },
    ]);
  });
});

describe('a source of several batches', () => {
  const rows = Array.from({ length: 12_000 }, (_, index) => good(`r-${index}`, index % 1_000 === 0 ? 'bad' : '1.00'));

  it('goes on behind the last commit after a crash, with nothing missing and nothing twice', async () => {
    const source = await upload(header + rows.join(''));
    const jobId = await seed({ source });
    // The file breaks off while it is read: what came before is committed.
    const broken: Storage = {
      ...storage,
      get: async (key, range) => {
        const whole = await storage.get(key, range);
        return range ? whole : Readable.from(breakAfter(whole, 5));
      },
    };
    await expect(ingest(jobId, { storage: broken })).rejects.toThrow('The disk is gone.');
    expect(await counts(jobId)).toEqual([{ total: 5_000, pending: 4_995, failed: 5, entries: 1 }]);

    expect(await ingest(jobId)).toBe('DONE');
    expect(await counts(jobId)).toEqual([{ total: 12_000, pending: 11_988, failed: 12, entries: 4 }]);
    expect((await items(jobId)).map(({ key }) => key)).toEqual(rows.map((_, index) => `r-${index}`));
    expect(await stage(jobId)).toMatchObject([{ state: 'COMPLETED', total: 12_000, completed: 12_000, failed: 12 }]);
  });

  it('refuses the late commit of an attempt that was taken for dead', async () => {
    const source = await upload(header + rows.join(''));
    const jobId = await seed({ source });
    let takenOver = false;
    const slow: Storage = {
      ...storage,
      get: async (key, range) => {
        const whole = await storage.get(key, range);
        if (range) return whole;
        return Readable.from(
          (async function* () {
            for await (const bytes of whole) {
              yield bytes;
              if (!takenOver && (await counts(jobId)).some((row) => 'total' in row && row.total === 5_000)) {
                takenOver = true;
                expect(await ingest(jobId)).toBe('DONE');
              }
            }
          })(),
        );
      },
    };
    await expect(ingest(jobId, { storage: slow })).rejects.toThrow(SupersededError);
    expect(await counts(jobId)).toEqual([{ total: 12_000, pending: 11_988, failed: 12, entries: 4 }]);
  });

  it.each(['PAUSING', 'CANCELING'] as const)('stops behind a commit when the job is %s', async (state) => {
    const source = await upload(header + rows.join(''));
    const jobId = await seed({ source });
    // Its state changes while the first batch is committed, behind every other look at it.
    const stopping: Database = {
      ...test.database,
      transaction: async (work) => {
        await test.database.pool.query('update jobs set state = $2 where id = $1', [jobId, state]);
        return await test.database.transaction(work);
      },
    };
    expect(await ingest(jobId, { database: stopping })).toBe('YIELDED');
    const stopped = await stage(jobId);
    expect(stopped).toMatchObject([{ state: 'RUNNING', completed: 5_000 }]);
    expect(await ingest(jobId)).toBe('YIELDED');
    expect(await stage(jobId)).toEqual(stopped);
  });

  it('commits nothing more once the worker shuts down', async () => {
    const jobId = await seed({ source: await upload(header + rows.join('')) });
    const signal = AbortSignal.abort(new Error('The worker is shutting down.'));
    await expect(ingest(jobId, { signal })).rejects.toThrow('The worker is shutting down.');
    expect(await counts(jobId)).toMatchObject([{ total: 0 }]);
  });
});

describe('a source that cannot be read', () => {
  it('says why, and keeps what was committed', async () => {
    const rows = Array.from({ length: 6_000 }, (_, index) => good(`r-${index}`)).join('');
    const jobId = await seed({ source: await upload(`${header}${rows}"never closed`) });
    await expect(ingest(jobId)).rejects.toThrow(UnreadableSourceError);
    expect(await counts(jobId)).toMatchObject([{ total: 5_000, pending: 5_000 }]);
  });

  it('is told by a header that names none of the fields', async () => {
    const jobId = await seed({ source: await upload('a;b\n1;2\n') });
    await expect(ingest(jobId)).rejects.toThrow(
      /^The first line must be a header with columns among reference, account, /,
    );
  });
});

async function* breakAfter(whole: Readable, pieces: number) {
  let count = 0;
  for await (const bytes of whole) {
    if ((count += 1) > pieces) throw new Error('The disk is gone.');
    yield bytes;
  }
}
