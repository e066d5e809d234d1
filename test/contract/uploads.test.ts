import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { createServer, request as httpRequest, type Server } from 'node:http';
import { connect, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { text } from 'node:stream/consumers';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Upload } from '../../src/database/entities/upload.ts';
import { InvalidInputError, LimitExceededError } from '../../src/domain/errors.ts';
import type { Viewer } from '../../src/jobs/commands.ts';
import { createLocalDiskStorage } from '../../src/storage/local-disk.ts';
import type { Storage } from '../../src/storage/storage.ts';
import { createUploads, type UploadRequest, type Uploads } from '../../src/uploads/uploads.ts';
import { createTestDatabase, type TestDatabase } from '../support/database.ts';
import { createTestProject } from '../support/project.ts';
import { waitFor } from '../support/wait-for.ts';

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
    'keeps nothing of a connection that broke, with %s',
    async (header) => {
      const upload = await create();
      const url = new URL(uploads.uploadUrl(upload));
      const before = finished;
      const socket = connect(Number(url.port), url.hostname);
      socket.write(`PUT ${url.pathname}${url.search} HTTP/1.1\r\nhost: x\r\n${header}\r\n\r\n5\r\nhello\r\n`);
      await waitFor(async () => (await listPartials()).length > 0, { description: 'the file to be written' });
      socket.destroy();
      await waitFor(() => finished > before, { description: 'the server to notice' });
      expect(await find(upload)).toMatchObject({ receivedAt: null });
      expect(await storage.head(`uploads/${upload.id}`)).toBeNull();
      expect(await listPartials()).toEqual([]);
    },
  );

  it('lets a newer request take over from one that hangs', async () => {
    const upload = await create();
    const hanging = httpRequest(uploads.uploadUrl(upload), { method: 'PUT' });
    const answered = once(hanging, 'response');
    hanging.write('half');
    await waitFor(async () => (await listPartials()).length > 0, { description: 'the file to be written' });
    expect(await put(upload, 'whole')).toMatchObject({ status: 201, body: { byteSize: 5 } });
    const [response] = await answered;
    expect(response.statusCode).toBe(409);
    hanging.destroy();
    expect(await text(await storage.get(`uploads/${upload.id}`))).toBe('whole');
    expect(await listPartials()).toEqual([]);
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

  it('is for PUT alone', async () => {
    const response = await fetch(uploads.uploadUrl(await create()));
    expect([response.status, response.headers.get('allow')]).toEqual([405, 'PUT']);
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

async function listPartials(): Promise<string[]> {
  const names = await readdir(root, { recursive: true });
  return names.filter((name) => name.includes('.partial'));
}
