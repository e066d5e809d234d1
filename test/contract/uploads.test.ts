import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { createServer, request as httpRequest, type Server } from 'node:http';
import { connect, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { text } from 'node:stream/consumers';
import { promisify } from 'node:util';
import { gzipSync } from 'node:zlib';
import pino from 'pino';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { cleanUp } from '../../src/activities/clean-up.ts';
import type { Upload } from '../../src/database/entities/upload.ts';
import { InvalidInputError, LimitExceededError } from '../../src/domain/errors.ts';
import type { Viewer } from '../../src/jobs/commands.ts';
import { createLocalDiskStorage } from '../../src/storage/local-disk.ts';
import type { Storage } from '../../src/storage/storage.ts';
import { createUploads, type UploadRequest, type Uploads } from '../../src/uploads/uploads.ts';
import { createTestStores } from '../support/file-stores.ts';
import { createTestDatabase, type TestDatabase } from '../support/database.ts';
import { createTestProject } from '../support/project.ts';
import { waitFor } from '../support/wait-for.ts';

const execute = promisify(execFile);
const maxUploadBytes = 1_000_000;
let test: TestDatabase;
let root: string;
let storage: Storage;
let viewer: Viewer;
let uploads: Uploads;
let server: Server;
let finished = 0;

beforeAll(async () => {
  test = await createTestDatabase();
  viewer = await createTestProject(test.database);
  root = await mkdtemp(join(tmpdir(), 'longhaul-uploads-'));
  storage = createLocalDiskStorage(root);
  server = createServer((request, response) => {
    void uploads
      .receive(request, response, new URL(request.url ?? '/', 'http://localhost'))
      .finally(() => (finished += 1));
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  uploads = createUploadsWith(60_000);
});

afterAll(async () => {
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
  await test.close();
  await rm(root, { recursive: true, force: true });
});

function createUploadsWith(uploadTtlMs: number): Uploads {
  const { port } = server.address() as AddressInfo; // A server on a TCP port has such an address.
  const config = { secret: 's'.repeat(32), publicUrl: `http://127.0.0.1:${port}`, maxUploadBytes, uploadTtlMs };
  return createUploads({ database: test.database, storage, config });
}

const sha256 = (content: string | Buffer) => createHash('sha256').update(content).digest('hex');
const create = (request: Partial<UploadRequest> = {}) =>
  uploads.createUpload(viewer, { fileName: 'a.csv', ...request });
const find = (upload: Upload) => uploads.findUpload(viewer, upload.id);

async function put(upload: Upload, body: string | Buffer): Promise<{ status: number; body: unknown }> {
  const response = await fetch(uploads.uploadUrl(upload), { method: 'PUT', body: new Uint8Array(Buffer.from(body)) });
  return { status: response.status, body: await response.json() };
}

describe('an upload', () => {
  it('takes a file and says what it received', async () => {
    const upload = await create({ fileName: ' Bücher.csv ', byteSize: 8, sha256: sha256('a,b\n1,2\n').toUpperCase() });
    expect(upload).toMatchObject({
      fileName: 'Bücher.csv',
      byteSize: null,
      receivedAt: null,
      sha256: sha256('a,b\n1,2\n'),
    });
    const received = { id: upload.id, byteSize: 8, sha256: sha256('a,b\n1,2\n') };
    expect(await put(upload, 'a,b\n1,2\n')).toEqual({ status: 201, body: received });
    expect(await find(upload)).toMatchObject({ ...received, lineCount: 2, receivedAt: expect.any(Date) });
    expect(await text(await storage.get(`uploads/${upload.id}`))).toBe('a,b\n1,2\n');
  });

  it('takes the same file again, but no other: a job may be reading it', async () => {
    const upload = await create();
    expect(await put(upload, 'a\n1')).toMatchObject({ status: 201 });
    expect(await put(upload, 'a\n1')).toMatchObject({ status: 200, body: { byteSize: 3 } });
    expect(await put(upload, 'a\n2')).toEqual({
      status: 422,
      body: {
        errors: [
          {
            message: `The content has the SHA-256 ${sha256('a\n2')}, but ${sha256('a\n1')} was announced. Nothing was kept: send the file again.`,
            extensions: { code: 'INVALID_INPUT' },
          },
        ],
      },
    });
    expect(await text(await storage.get(`uploads/${upload.id}`))).toBe('a\n1');
    expect(await find(upload)).toMatchObject({ byteSize: 3, lineCount: 2, sha256: sha256('a\n1') });
  });

  it('keeps nothing of a file with another checksum than announced', async () => {
    const upload = await create({ sha256: sha256('right') });
    expect(await put(upload, 'wrong')).toMatchObject({ status: 422 });
    expect(await find(upload)).toMatchObject({ byteSize: null, receivedAt: null });
    expect(await storage.head(`uploads/${upload.id}`)).toBeNull();
    expect(await put(upload, 'right')).toMatchObject({ status: 201 });
  });

  it('counts no lines of a packed file', async () => {
    const upload = await create({ fileName: 'a.csv.gz' });
    expect(await put(upload, gzipSync('a\n1\n'))).toMatchObject({ status: 201 });
    expect(await find(upload)).toMatchObject({ lineCount: null, receivedAt: expect.any(Date) });
  });

  it('takes an empty file', async () => {
    const upload = await create();
    expect(await put(upload, '')).toMatchObject({ status: 201, body: { byteSize: 0 } });
    expect(await find(upload)).toMatchObject({ byteSize: 0, lineCount: 0 });
  });

  it('refuses a file that says it is too large, before it is sent', async () => {
    const upload = await create();
    const request = httpRequest(uploads.uploadUrl(upload), {
      method: 'PUT',
      headers: { 'content-length': maxUploadBytes + 1, expect: '100-continue' },
    });
    request.flushHeaders();
    const [response] = await once(request, 'response');
    expect(response.statusCode).toBe(413);
    expect(JSON.parse(await text(response))).toEqual({
      errors: [
        {
          message: 'An upload has at most 1000000 bytes. Compress it with gzip, or split it.',
          extensions: { code: 'LIMIT_EXCEEDED' },
        },
      ],
    });
    request.destroy();
  });

  it('refuses a file that turns out too large, and its sender can read why', async () => {
    const upload = await create();
    const content = Readable.from(
      (function* () {
        for (let sent = 0; sent < 3 * maxUploadBytes; sent += 50_000) yield Buffer.alloc(50_000);
      })(),
    );
    const request = httpRequest(uploads.uploadUrl(upload), { method: 'PUT' });
    const answered = once(request, 'response');
    content.pipe(request);
    const [response] = await answered;
    expect(response.statusCode).toBe(413);
    expect(JSON.parse(await text(response))).toMatchObject({ errors: [{ extensions: { code: 'LIMIT_EXCEEDED' } }] });
    expect(await storage.head(`uploads/${upload.id}`)).toBeNull();
    request.destroy();
  });

  it.each(['content-length: 100', 'transfer-encoding: chunked'])(
    'keeps what came over a connection that broke, with %s, and nobody can read it yet',
    async (header) => {
      const upload = await create();
      const url = new URL(uploads.uploadUrl(upload));
      const before = finished;
      const socket = connect(Number(url.port), url.hostname);
      socket.write(`PUT ${url.pathname}${url.search} HTTP/1.1\r\nhost: x\r\n${header}\r\n\r\n5\r\nhello\r\n`);
      await reach(upload, 1);
      socket.destroy();
      await waitFor(() => finished > before, { description: 'the server to notice' });
      expect(await find(upload)).toMatchObject({ receivedAt: null });
      expect(await storage.head(`uploads/${upload.id}`)).toBeNull();
      expect(await offsetOf(upload)).toBeGreaterThan(0);
    },
  );

  it('lets a newer request take over from one that hangs', async () => {
    const upload = await create();
    const hanging = httpRequest(uploads.uploadUrl(upload), { method: 'PUT' });
    const answered = once(hanging, 'response');
    hanging.write('half');
    await reach(upload, 4);
    expect(await put(upload, 'whole')).toMatchObject({ status: 201, body: { byteSize: 5 } });
    const [response] = await answered;
    expect(response.statusCode).toBe(409);
    hanging.destroy();
    expect(await text(await storage.get(`uploads/${upload.id}`))).toBe('whole');
    expect(await listDrafts(upload)).toEqual([]);
  });
});

describe('an upload that was cut', () => {
  const content = Array.from({ length: 20_000 }, (_, index) => `${index},${'x'.repeat(index % 40)}\n`).join('');

  /** Sends the beginning of the file over a socket, and cuts it once so many bytes have come. */
  async function cutAfter(upload: Upload, bytes: number): Promise<number> {
    const url = new URL(uploads.uploadUrl(upload));
    const before = finished;
    const socket = connect(Number(url.port), url.hostname);
    socket.write(
      `PUT ${url.pathname}${url.search} HTTP/1.1\r\nhost: x\r\ncontent-length: ${content.length}\r\n\r\n${content.slice(0, bytes)}`,
    );
    await reach(upload, bytes);
    socket.destroy();
    await waitFor(() => finished > before, { description: 'the server to notice' });
    return await offsetOf(upload);
  }

  it('goes on where it stopped, sent by curl', async () => {
    const upload = await create({ sha256: sha256(content) });
    const offset = await cutAfter(upload, 100_000);
    expect(offset).toBe(100_000);
    const path = join(root, 'sent.csv');
    await writeFile(path, content);
    const { stdout } = await execute('curl', ['-sS', '-T', path, '-C', String(offset), uploads.uploadUrl(upload)]);
    expect(JSON.parse(stdout)).toEqual({ id: upload.id, byteSize: content.length, sha256: sha256(content) });
    expect(await find(upload)).toMatchObject({ lineCount: 20_000, receivedAt: expect.any(Date) });
    expect(await text(await storage.get(`uploads/${upload.id}`))).toBe(content);
    expect(await listDrafts(upload)).toEqual([]);
    const head = await fetch(uploads.uploadUrl(upload), { method: 'HEAD' });
    expect(['upload-offset', 'upload-complete'].map((name) => head.headers.get(name))).toEqual([
      String(content.length),
      '?1',
    ]);
  });

  it('goes on after a second cut', async () => {
    const upload = await create();
    expect(await cutAfter(upload, 60_000)).toBe(60_000);
    const url = new URL(uploads.uploadUrl(upload));
    const socket = connect(Number(url.port), url.hostname);
    const before = finished;
    socket.write(
      `PUT ${url.pathname}${url.search} HTTP/1.1\r\nhost: x\r\ncontent-range: bytes 60000-${content.length - 1}/${content.length}\r\n` +
        `content-length: ${content.length - 60_000}\r\n\r\n${content.slice(60_000, 150_000)}`,
    );
    await reach(upload, 150_000);
    socket.destroy();
    await waitFor(() => finished > before, { description: 'the server to notice' });
    expect(await sendRange(upload, content, 150_000)).toMatchObject({
      status: 201,
      body: { byteSize: content.length, sha256: sha256(content) },
    });
  });

  it('begins anew when it is sent without a range', async () => {
    const upload = await create();
    await cutAfter(upload, 50_000);
    expect(await put(upload, 'other')).toMatchObject({ status: 201, body: { byteSize: 5, sha256: sha256('other') } });
    expect(await listDrafts(upload)).toEqual([]);
  });

  it('is refused with what is there when it goes on too far', async () => {
    const upload = await create();
    await cutAfter(upload, 50_000);
    expect(await sendRange(upload, content, 50_001)).toEqual({
      status: 409,
      body: {
        errors: [
          {
            message: '50000 bytes are there: go on behind them, not behind 50001.',
            extensions: { code: 'CONFLICT' },
          },
        ],
      },
    });
    expect(await offsetOf(upload)).toBe(50_000);
  });

  it('is deleted with its upload when that expires', async () => {
    const upload = await create();
    await cutAfter(upload, 50_000);
    await test.database.pool.query("update uploads set expires_at = now() - interval '1 minute' where id = $1", [
      upload.id,
    ]);
    while (
      !(await cleanUp({
        config: { jobTtlMs: null, itemTtlMs: null },
        database: test.database,
        storage,
        stores: createTestStores(storage),
        log: pino({ level: 'silent' }),
      }))
    );
    expect(await find(upload)).toBeNull();
    expect(await listDrafts(upload)).toEqual([]);
  });
});

describe('an upload in pieces', () => {
  it('answers 308 with what is there until the last one came', async () => {
    const upload = await create();
    const send = async (range: string, body: string) => {
      const response = await fetch(uploads.uploadUrl(upload), {
        method: 'PUT',
        headers: { 'content-range': range },
        body,
      });
      return { status: response.status, range: response.headers.get('range') };
    };
    expect(await send('bytes */*', '')).toEqual({ status: 308, range: null });
    expect(await send('bytes 0-3/*', 'a,b\n')).toEqual({ status: 308, range: 'bytes=0-3' });
    expect(await send('bytes 4-5/8', '1,')).toEqual({ status: 308, range: 'bytes=0-5' });
    expect(await send('bytes */8', '')).toEqual({ status: 308, range: 'bytes=0-5' });
    expect(await send('bytes 6-7/8', '2\n')).toEqual({ status: 201, range: null });
    expect(await find(upload)).toMatchObject({ byteSize: 8, lineCount: 2, sha256: sha256('a,b\n1,2\n') });
    // The client may not have got the last answer.
    expect(await send('bytes 6-7/8', '2\n')).toEqual({ status: 200, range: null });
    expect(await send('bytes */8', '')).toEqual({ status: 200, range: null });
    expect(await send('bytes 8-8/9', 'x')).toEqual({ status: 409, range: null });
  });

  it('is whole when the last byte came but its answer did not', async () => {
    const upload = await create();
    const draft = await storage.write(`uploads/${upload.id}`, Readable.from(['a\n1\n']));
    expect(draft.byteSize).toBe(4);
    const response = await fetch(uploads.uploadUrl(upload), {
      method: 'PUT',
      headers: { 'content-range': 'bytes */4' },
    });
    expect([response.status, await response.json()]).toEqual([
      201,
      { id: upload.id, byteSize: 4, sha256: sha256('a\n1\n') },
    ]);
  });

  it('refuses a range that it cannot read or that has another length than the body', async () => {
    const upload = await create();
    for (const range of ['bytes 5-', 'bytes 0-9/10']) {
      const response = await fetch(uploads.uploadUrl(upload), {
        method: 'PUT',
        headers: { 'content-range': range },
        body: 'abc',
      });
      expect([response.status, await response.json()]).toMatchObject([
        422,
        { errors: [{ extensions: { code: 'INVALID_INPUT' } }] },
      ]);
    }
  });
});

describe('two writers on one link, each at an API process of its own', () => {
  it('leave the file of the one that came first, whole', async () => {
    const upload = await create();
    const link = uploads.uploadUrl(upload);
    const slow = httpRequest(link, { method: 'PUT' });
    const answered = once(slow, 'response');
    slow.write('first, ');
    await reach(upload, 7);
    // Another process knows nothing of the one that is sending.
    const other = createUploadsWith(60_000);
    const second = createServer((request, response) => {
      void other.receive(request, response, new URL(request.url ?? '/', 'http://localhost'));
    });
    await once(second.listen(0, '127.0.0.1'), 'listening');
    const { pathname, search } = new URL(link);
    const { port } = second.address() as AddressInfo; // As above.
    const response = await fetch(`http://127.0.0.1:${port}${pathname}${search}`, { method: 'PUT', body: 'second' });
    expect(response.status).toBe(201);
    slow.end('to its end');
    const [late] = await answered;
    expect(late.statusCode).toBe(422);
    expect(await text(await storage.get(`uploads/${upload.id}`))).toBe('second');
    expect(await find(upload)).toMatchObject({ byteSize: 6, sha256: sha256('second') });
    expect(await listDrafts(upload)).toEqual([]);
    await new Promise((resolve) => second.close(resolve));
  });
});

describe('a link', () => {
  const notFound = {
    errors: [
      {
        message: 'There is nothing here: not found or expired. Ask the API for a new link.',
        extensions: { code: 'NOT_FOUND' },
      },
    ],
  };

  it.each([
    ['of another upload', (url: URL, other: Upload) => (url.pathname = `/uploads/${other.id}`)],
    ['with another signature', (url: URL) => url.searchParams.set('signature', 'x'.repeat(43))],
    ['that lasts longer', (url: URL) => url.searchParams.set('expires', '4000000000')],
  ])('%s leads nowhere', async (_, change) => {
    const url = new URL(uploads.uploadUrl(await create()));
    change(url, await create());
    const response = await fetch(url, { method: 'PUT', body: 'x' });
    expect({ status: response.status, body: await response.json() }).toEqual({ status: 404, body: notFound });
  });

  it('that has expired looks the same', async () => {
    const expired = await createUploadsWith(-1_000).createUpload(viewer, { fileName: 'a.csv' });
    expect(await put(expired, 'x')).toEqual({ status: 404, body: notFound });
  });

  it('is for PUT and HEAD alone', async () => {
    const response = await fetch(uploads.uploadUrl(await create()));
    expect([response.status, response.headers.get('allow')]).toEqual([405, 'PUT, HEAD']);
    expect(await response.json()).toEqual({
      errors: [{ message: 'Send the file by PUT.', extensions: { code: 'INVALID_INPUT' } }],
    });
  });
});

describe('createUpload', () => {
  it.each([
    ['an empty name', { fileName: ' ' }, 'fileName'],
    ['a path', { fileName: '../a.csv' }, 'fileName'],
    ['a name with a line break', { fileName: 'a\nb.csv' }, 'fileName'],
    ['a negative size', { byteSize: -1 }, 'byteSize'],
    ['half a checksum', { sha256: 'abc' }, 'sha256'],
  ])('refuses %s', async (_, request, field) => {
    const refused = await create(request).catch((error: unknown) => error);
    expect(refused).toBeInstanceOf(InvalidInputError);
    expect(refused).toMatchObject({ issues: [{ path: [field], field }] });
  });

  it('refuses a file that is announced too large', async () => {
    await expect(create({ byteSize: maxUploadBytes + 1 })).rejects.toThrow(LimitExceededError);
  });

  it('shows nothing of it to another project', async () => {
    const upload = await create();
    expect(await uploads.findUpload(await createTestProject(test.database), upload.id)).toBeNull();
  });
});

async function listDrafts({ id }: Upload): Promise<string[]> {
  const names = await readdir(root, { recursive: true });
  return names.filter((name) => name.includes('.draft') && name.endsWith(id));
}

async function offsetOf(upload: Upload): Promise<number> {
  const response = await fetch(uploads.uploadUrl(upload), { method: 'HEAD' });
  return Number(response.headers.get('upload-offset'));
}

async function reach(upload: Upload, bytes: number): Promise<void> {
  await waitFor(async () => (await offsetOf(upload)) >= bytes, { description: `${bytes} bytes to be written` });
}

async function sendRange(upload: Upload, content: string, start: number) {
  const response = await fetch(uploads.uploadUrl(upload), {
    method: 'PUT',
    headers: { 'content-range': `bytes ${start}-${content.length - 1}/${content.length}` },
    body: content.slice(start),
  });
  return { status: response.status, body: await response.json() };
}
