import { randomBytes } from 'node:crypto';
import { gzipSync } from 'node:zlib';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { LimitExceededError } from '../../src/domain/errors.ts';
import { readInnerFormat } from '../../src/sources/inner-format.ts';
import { readFile } from '../../src/sources/open-source.ts';
import { UnreadableSourceError } from '../../src/sources/unreadable-source-error.ts';
import { openUrlFile, type UrlFileLimits } from '../../src/sources/url/url-file.ts';
import type { UrlAccess } from '../../src/sources/url/url-access.ts';
import { startFileServer, type FileServer } from '../support/file-server.ts';
import { writeZip } from '../support/zip.ts';

const access: UrlAccess = { allowedNetworks: ['127.0.0.0/8'], maxBytes: 10_000_000, timeoutMs: 60_000, retryMs: 1 };
/** Nothing is fetched whole that has ranges. */
const limits: UrlFileLimits = { maxWholeBytes: 0, maxTemporaryBytes: 4_000_000 };
/** The table lies behind what nobody has to read. */
const archive = writeZip([
  { name: 'ballast.bin', content: randomBytes(2_000_000), method: 0 },
  { name: 'table.csv', content: 'value\na\nb\n' },
]);

let server: FileServer;

beforeEach(async () => {
  server = await startFileServer(archive);
});
afterEach(() => server[Symbol.asyncDispose]());

async function readTable(how: Partial<UrlFileLimits> = {}) {
  const { file, close } = await openUrlFile(access, { url: server.url('/a.zip'), headers: [] }, { ...limits, ...how });
  try {
    const format = await readInnerFormat(file, null);
    const progress = { bytesRead: 0, bytesTotal: 0 };
    const rows = await Array.fromAsync(readFile(file, { format: format ?? 'JSON' }, {}, progress));
    return { format, byteSize: file.byteSize, rows: rows.flat().map(({ raw }) => raw) };
  } finally {
    await close();
  }
}

const table = { format: 'CSV', byteSize: archive.length, rows: [{ value: 'a' }, { value: 'b' }] };

describe('An archive on the web', () => {
  it('is read by ranges of the same file, and never whole', async () => {
    expect(await readTable()).toEqual(table);
    const [first, ...ranges] = server.requests;
    expect(first?.headers.range).toBeUndefined();
    expect(ranges.length).toBeGreaterThan(2);
    for (const { headers } of ranges) {
      const [, from, to] = /^bytes=(\d+)-(\d+)$/.exec(headers.range ?? '') ?? [];
      expect(headers['if-range']).toBe('"1"');
      expect(Number(to) - Number(from)).toBeLessThan(70_000);
    }
  });

  it('goes on where the connection to a range broke', async () => {
    let broken: string | null = null;
    server.answers.set('/a.zip', (request, response) => {
      const [, from, to] = /^bytes=(\d+)-(\d+)$/.exec(request.headers.range ?? '') ?? [];
      const isPart = from !== undefined && to !== undefined;
      const body = isPart ? archive.subarray(Number(from), Number(to) + 1) : archive;
      response.writeHead(isPart ? 206 : 200, {
        etag: '"1"',
        'content-length': body.length,
        ...(isPart ? { 'content-range': `bytes ${from}-${to}/${archive.length}` } : {}),
      });
      if (!isPart || broken !== null || body.length < 1_000) return void response.end(body);
      broken = to;
      response.write(body.subarray(0, 10), () => response.destroy());
    });
    expect(await readTable()).toEqual(table);
    expect(server.requests.filter(({ headers }) => headers.range?.endsWith(`-${broken}`)).length).toBeGreaterThan(1);
  });

  it('that is small is fetched by one request', async () => {
    expect(await readTable({ maxWholeBytes: archive.length })).toEqual(table);
    expect(server.requests).toHaveLength(1);
  });

  it.each([
    ['gives no ranges', { acceptRanges: false, etag: '"1"' }],
    ['tells no version of it', { etag: undefined }],
  ])('is put down on disk when its server %s', async (_, file) => {
    server.file = { content: archive, ...file };
    expect(await readTable()).toEqual(table);
    expect(server.requests.length).toBeLessThanOrEqual(2);
  });

  it('is put down on disk when its server does not tell its size', async () => {
    server.answers.set('/a.zip', (_, response) => {
      response.write(archive.subarray(0, 3));
      response.end(archive.subarray(3));
    });
    expect(await readTable()).toEqual(table);
  });

  it.each([
    ['says', { 'content-length': archive.length }],
    ['turns out', {}],
  ])('is refused when it lies on disk and %s to be larger than that may be', async (_, headers) => {
    server.answers.set('/a.zip', (_request, response) => void response.writeHead(200, headers).end(archive));
    const refused = await readTable({ maxTemporaryBytes: 1_000_000 }).catch((error: unknown) => error);
    expect(refused).toBeInstanceOf(LimitExceededError);
    expect(refused).toMatchObject({
      message: `${new URL(server.url()).host} gives no ranges of the file, so that it would be fetched whole to look into it, and it is larger than 1000000 bytes. Submit the job, or upload the file.`,
    });
  });

  it('is refused when it changes while it is looked into', async () => {
    let requests = 0;
    server.answers.set('/a.zip', (_, response) => {
      requests += 1;
      const etag = requests > 2 ? '"2"' : '"1"';
      const isRange = requests === 2;
      response.writeHead(isRange ? 206 : 200, {
        etag,
        'content-length': isRange ? 1 : archive.length,
        ...(isRange ? { 'content-range': `bytes ${archive.length - 1}-${archive.length - 1}/${archive.length}` } : {}),
      });
      response.end(isRange ? archive.subarray(-1) : archive);
    });
    await expect(readTable()).rejects.toThrow('changed while it was fetched');
  });
});

it('A gzip file whose size is not told is unpacked', async () => {
  const packed = gzipSync('value\nx\n');
  server.answers.set('/a.csv.gz', (_, response) => {
    response.write(packed.subarray(0, 5));
    response.end(packed.subarray(5));
  });
  const { file, close } = await openUrlFile(access, { url: server.url('/a.csv.gz'), headers: [] }, limits);
  const rows = await Array.fromAsync(readFile(file, { format: 'CSV' }, {}, { bytesRead: 0, bytesTotal: 0 }));
  await close();
  expect(rows).toEqual([[{ row: 1, raw: { value: 'x' } }]]);
});

it('A text whose server breaks off, and cannot go on in the middle, is unreadable', async () => {
  const rows = Buffer.from(`value\n${'a\n'.repeat(500_000)}`);
  server.answers.set('/rows.csv', (_, response) => {
    response.writeHead(200, { 'content-length': rows.length });
    response.write(rows.subarray(0, 200_000), () => response.destroy());
  });
  const { file, close } = await openUrlFile(access, { url: server.url('/rows.csv'), headers: [] });
  const reading = Array.fromAsync(readFile(file, { format: 'CSV' }, {}, { bytesRead: 0, bytesTotal: 0 }));
  await expect(reading).rejects.toThrow(UnreadableSourceError);
  await close();
});
