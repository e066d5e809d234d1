import { createHash, generateKeyPairSync, randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { mkdtemp, readdir, rm, utimes, writeFile } from 'node:fs/promises';
import { connect, createServer, type AddressInfo, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PassThrough, Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import { CreateMultipartUploadCommand, ListMultipartUploadsCommand, S3Client } from '@aws-sdk/client-s3';
import { afterAll, afterEach, beforeEach, describe, expect, it } from 'vitest';
import { ConflictError, InvalidInputError, LimitExceededError, NotFoundError } from '../../src/domain/errors.ts';
import { createBucketStorage } from '../../src/storage/bucket-storage.ts';
import type { Bucket } from '../../src/storage/bucket.ts';
import { createGcsBucket } from '../../src/storage/gcs-bucket.ts';
import { createLocalDiskStorage } from '../../src/storage/local-disk.ts';
import { createS3Bucket } from '../../src/storage/s3-bucket.ts';
import type { FilePage, Storage } from '../../src/storage/storage.ts';
import { s3Keys, startTestGcs, startTestS3 } from '../support/object-stores.ts';
import { answerXml, refuseAsS3, startStoreFront } from '../support/store-front.ts';
import { waitFor } from '../support/wait-for.ts';

const s3 = await startTestS3();
const gcs = await startTestGcs();
await s3?.createBucket('files');
await gcs?.createBucket('files');

afterAll(async () => {
  await s3?.stop();
  await gcs?.stop();
});

interface Place {
  storage: Storage;
  /** As another process has it. */
  reopen(): Storage;
  /** What lies there, finished or not. */
  listFiles(): Promise<string[]>;
  /** Files that are being put, as far as they can be seen; and how many that are of one. */
  countUnfinished(): Promise<number>;
  unfinished: 0 | 1;
  close(): Promise<void>;
}

interface Implementation {
  name: string;
  isHere: boolean;
  /** A draft grows by so many bytes at a time while its stream goes on. */
  grain: number;
  links: 'NONE' | 'UNCHECKED' | 'CHECKED';
  open(): Promise<Place>;
}

/** What every storage promises. */
const implementations: Implementation[] = [
  { name: 'local disk', isHere: true, grain: 100_000, links: 'NONE', open: openDisk },
  {
    name: 'S3',
    isHere: s3 !== null,
    grain: 8 * 2 ** 20,
    links: 'CHECKED',
    open: () => openBucket(createTestS3Bucket(), (prefix) => countUploads(prefix)),
  },
  {
    name: 'Google Cloud Storage',
    isHere: gcs !== null,
    grain: 8 * 2 ** 20,
    // The server does not look at signatures, nor at what they ask to be answered.
    links: 'UNCHECKED',
    open: () => openBucket(createTestGcsBucket(), null),
  },
];

async function openDisk(): Promise<Place> {
  const root = await mkdtemp(join(tmpdir(), 'longhaul-storage-'));
  return {
    storage: createLocalDiskStorage(root),
    reopen: () => createLocalDiskStorage(root),
    listFiles: () => listFiles(root),
    countUnfinished: async () => (await listFiles(root)).filter((name) => name.includes('/.partial-')).length,
    unfinished: 1,
    close: () => rm(root, { recursive: true, force: true }),
  };
}

function createTestS3Bucket(endpoint = s3?.endpoint ?? ''): Bucket {
  return createS3Bucket({ bucket: 'files', region: 'us-east-1', endpoint, credentials: s3Keys.owner });
}

const { privateKey } = generateKeyPairSync('rsa', {
  modulusLength: 2_048,
  publicKeyEncoding: { type: 'spki', format: 'pem' },
  privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
});

function createTestGcsBucket(): Bucket {
  const credentials = { clientEmail: 'test@longhaul.iam.gserviceaccount.com', privateKey };
  return createGcsBucket({ bucket: 'files', endpoint: gcs?.endpoint ?? '', credentials });
}

async function openBucket(bucket: Bucket, count: ((prefix: string) => Promise<number>) | null): Promise<Place> {
  const prefix = `${randomUUID()}/longhaul/`;
  return {
    storage: createBucketStorage(bucket, prefix),
    reopen: () => createBucketStorage(bucket, prefix),
    listFiles: async () => {
      const { files } = await bucket.list(prefix, { after: null, limit: 1_000 });
      return files.map(({ key }) => key.slice(prefix.length)).sort();
    },
    // Google shows nobody what is being uploaded.
    countUnfinished: async () => (await count?.(prefix)) ?? 0,
    unfinished: count ? 1 : 0,
    close: async () => undefined,
  };
}

/** Uploads in several parts that are open. */
async function countUploads(Prefix: string): Promise<number> {
  const client = createOwner();
  const { Uploads } = await client.send(new ListMultipartUploadsCommand({ Bucket: 'files', Prefix }));
  client.destroy();
  return Uploads?.length ?? 0;
}

function createOwner(): S3Client {
  const credentials = { ...s3Keys.owner };
  return new S3Client({ endpoint: s3?.endpoint ?? '', region: 'us-east-1', forcePathStyle: true, credentials });
}

describe.each(implementations)('storage on $name', ({ isHere, grain, links, open }) => {
  let place: Place;
  let storage: Storage;

  beforeEach(async (context) => {
    if (!isHere) return context.skip('There is no server for this machine.');
    place = await open();
    ({ storage } = place);
  });

  afterEach(() => place.close());

  const sha256 = (text: string | Buffer) => createHash('sha256').update(text).digest('hex');
  const text = async (stream: Readable) => (await buffer(stream)).toString();

  it('gives back what was put, with its size and hash', async () => {
    const stored = await storage.put('uploads/a', Readable.from(['Grüße, ', 'Welt']));
    expect(stored).toEqual({ byteSize: 13, sha256: sha256('Grüße, Welt') });
    expect(await storage.head('uploads/a')).toEqual({ byteSize: 13 });
    expect(await text(await storage.get('uploads/a'))).toBe('Grüße, Welt');
  });

  it('gives a range with both ends included', async () => {
    await storage.put('uploads/a', Readable.from(['0123456789']));
    expect(await text(await storage.get('uploads/a', { start: 2, end: 4 }))).toBe('234');
  });

  it('replaces a file, while those who read the old one read it to its end', async () => {
    await storage.put('uploads/a', Readable.from(['old']));
    const reading = await storage.get('uploads/a');
    await storage.put('uploads/a', Readable.from(['new']));
    expect(await text(reading)).toBe('old');
    expect(await text(await storage.get('uploads/a'))).toBe('new');
  });

  it('takes a file of many parts, and gives ranges across them', async () => {
    const content = Buffer.alloc(20 * 2 ** 20, 'abcdefg');
    async function* pieces() {
      for (let at = 0; at < content.length; at += 65_536) yield content.subarray(at, at + 65_536);
    }
    const stored = await storage.put('uploads/a', Readable.from(pieces()));
    expect(stored).toEqual({ byteSize: content.length, sha256: sha256(content) });
    expect(sha256(await buffer(await storage.get('uploads/a')))).toBe(stored.sha256);
    const range = { start: 8 * 2 ** 20 - 3, end: 8 * 2 ** 20 + 3 };
    expect(await text(await storage.get('uploads/a', range))).toBe(
      content.subarray(range.start, range.end + 1).toString(),
    );
    expect(await place.listFiles()).toEqual(['uploads/a']);
  });

  it.each([
    ['fails at its end', () => new Error('The source broke.')],
    ['is too large', () => null],
  ])('keeps nothing of a file of many parts that %s', async (_, failure) => {
    async function* pieces() {
      for (let part = 0; part < 20; part += 1) yield Buffer.alloc(2 ** 20);
      const error = failure();
      if (error) throw error;
    }
    const put = storage.put('uploads/a', Readable.from(pieces()), { maxBytes: 20 * 2 ** 20 - 1 + (failure() ? 1 : 0) });
    await expect(put).rejects.toThrow(/The source broke|larger than/);
    expect(await place.listFiles()).toEqual([]);
  });

  it('takes an empty file', async () => {
    await storage.put('uploads/a', Readable.from([]));
    expect(await storage.head('uploads/a')).toEqual({ byteSize: 0 });
    expect(await text(await storage.get('uploads/a'))).toBe('');
    await (await storage.write('uploads/b', Readable.from([]))).publish();
    expect(await storage.head('uploads/b')).toEqual({ byteSize: 0 });
  });

  it('puts a file only where there is none, and lets one of several writers be first', async () => {
    const contents = ['one', 'two', 'three'];
    const outcomes = await Promise.allSettled(
      contents.map((content) => storage.putIfAbsent('uploads/a', Readable.from([content]))),
    );
    const firsts = outcomes.flatMap(({ status }, at) => (status === 'fulfilled' ? [contents[at]] : []));
    expect(firsts).toEqual([await text(await storage.get('uploads/a'))]);
    const refused = outcomes.flatMap((outcome) => (outcome.status === 'rejected' ? [outcome.reason] : []));
    for (const reason of refused) expect(reason).toBeInstanceOf(ConflictError);
    const large = storage.putIfAbsent('uploads/a', Readable.from([Buffer.alloc(9 * 2 ** 20)]));
    await expect(large).rejects.toThrow(ConflictError);
    expect(await place.listFiles()).toEqual(['uploads/a']);
  });

  it('lists what lies below a key, page by page, and no drafts', async () => {
    const keys = ['exports/a/1', 'exports/a/2/x', 'exports/a/2/y', 'exports/a/3', 'exports/b', 'exports/a-b'];
    for (const key of keys) await storage.put(key, Readable.from([key]));
    await storage.write('exports/a/4', Readable.from(['unfinished']));
    const pages: string[][] = [];
    let after: string | null = null;
    do {
      const page: FilePage = await storage.list('exports/a', { after, limit: 3 });
      pages.push(page.files.map(({ key }) => key));
      after = page.next;
    } while (after !== null);
    expect(pages.map(({ length }) => length)).toEqual([3, 1]);
    expect(pages.flat().sort()).toEqual(['exports/a/1', 'exports/a/2/x', 'exports/a/2/y', 'exports/a/3']);
    const [file] = (await storage.list('exports/a/2', { limit: 1 })).files;
    expect(file).toEqual({ key: 'exports/a/2/x', byteSize: 13, modifiedAt: expect.any(Date) });
    expect(await storage.list('exports/none')).toEqual({ files: [], next: null });
  });

  it('gives links that hold for one file, one method and a while, where it can', async () => {
    await storage.put('exports/a', Readable.from(['0123456789']), { contentType: 'text/x' });
    const expiresAt = new Date(Date.now() + 60_000);
    const link = await storage.linkTo('exports/a', {
      method: 'GET',
      expiresAt,
      fileName: 'Grüße.csv',
      contentType: 'text/csv',
    });
    expect(link === null).toBe(links === 'NONE');
    if (link === null) return;
    const answer = await fetch(link, { headers: { range: 'bytes=2-4' } });
    expect([answer.status, await answer.text(), answer.headers.get('content-range')]).toEqual([
      206,
      '234',
      'bytes 2-4/10',
    ]);
    const put = await storage.linkTo('exports/b', { method: 'PUT', expiresAt, contentType: 'text/csv' });
    const sent = await fetch(put ?? '', { method: 'PUT', headers: { 'content-type': 'text/csv' }, body: 'sent' });
    expect([sent.status, await text(await storage.get('exports/b'))]).toEqual([200, 'sent']);
    if (links === 'UNCHECKED') return;
    expect(Object.fromEntries(answer.headers)).toMatchObject({
      'content-type': 'text/csv',
      'content-disposition': `attachment; filename="Gr__e.csv"; filename*=UTF-8''Gr%C3%BC%C3%9Fe.csv`,
      etag: expect.any(String),
    });
    const otherFile = link.replace('exports/a', 'exports/b');
    const longer = link.replace(/X-Amz-Expires=\d+/, 'X-Amz-Expires=6000');
    const otherType = { method: 'PUT', headers: { 'content-type': 'text/html' }, body: 'sent' };
    const refused = [await fetch(otherFile), await fetch(longer), await fetch(put ?? '', otherType)];
    expect(refused.map(({ status }) => status)).toEqual([403, 403, 403]);
  });

  it('knows nothing of what was never put', async () => {
    expect(await storage.head('uploads/a')).toBeNull();
    await expect(storage.get('uploads/a')).rejects.toThrow(NotFoundError);
    await storage.delete('uploads/a');
  });

  it('deletes a file, and all that lies below a key', async () => {
    await storage.put('exports/a/1', Readable.from(['one']));
    await storage.put('exports/a/2', Readable.from(['two']));
    await storage.delete('exports/a/1');
    expect(await storage.head('exports/a/1')).toBeNull();
    await storage.delete('exports/a');
    expect(await storage.head('exports/a/2')).toBeNull();
  });

  it('deletes many files by their keys and no others, also when some have gone already', async () => {
    const keys = ['items/a', 'items/b/1', 'items/c'];
    for (const key of [...keys, 'items/a1', 'items/b/2']) await storage.put(key, Readable.from([key]));
    await storage.deleteFiles(['items/a', 'items/none', 'items/b/1']);
    await storage.deleteFiles(['items/c', 'items/a']);
    await storage.deleteFiles([]);
    expect(await place.listFiles()).toEqual(['items/a1', 'items/b/2']);
  });

  it('takes from a writer that is given up for dead what it has half-written, and nothing from others', async () => {
    const held = new PassThrough();
    const dying = storage.put('items/a/video', held);
    for (let part = 0; part < 20; part += 1) held.write(Buffer.alloc(2 ** 20));
    await waitFor(async () => held.readableLength === 0 && held.writableLength === 0, { description: 'a part' });
    await place.reopen().put('items/b/video', Readable.from(['whole']));
    await place.reopen().deleteUnfinished('items/b/video');
    await waitFor(async () => (await place.countUnfinished()) === place.unfinished, { description: 'a part' });
    await place.reopen().deleteUnfinished('items/a/video');
    expect(await place.countUnfinished()).toBe(0);
    const outcome = dying.catch((error: unknown) => error);
    held.destroy(new Error('It was dead.'));
    expect(await outcome).toBeInstanceOf(Error);
    expect(await place.listFiles()).toEqual(['items/b/video']);
  });

  it.each(['put', 'write'] as const)('refuses by %s a stream that fails before its first byte is read', async (way) => {
    // What an earlier draft brought is copied first: so long nobody reads the stream.
    const begun = new PassThrough();
    const first = storage.write('uploads/a', begun);
    begun.write('x'.repeat(grain));
    await waitFor(async () => (await storage.draftSize('uploads/a')) === grain, { description: 'an earlier draft' });
    begun.destroy(new Error('The connection broke.'));
    await expect(first).rejects.toThrow('The connection broke.');
    const content = new PassThrough();
    const storing = storage[way]('uploads/a', content, way === 'write' ? { offset: grain } : {});
    content.destroy(new Error('There was nothing.'));
    await expect(storing).rejects.toThrow('There was nothing.');
    expect(await storage.head('uploads/a')).toBeNull();
  });

  it('keeps nothing of a file that is too large', async () => {
    const put = storage.put('uploads/a', Readable.from(['1234', '5678']), { maxBytes: 7 });
    await expect(put).rejects.toThrow(LimitExceededError);
    expect(await place.listFiles()).toEqual([]);
  });

  it('takes a file of exactly the largest size', async () => {
    await storage.put('uploads/a', Readable.from(['1234', '567']), { maxBytes: 7 });
    expect(await storage.head('uploads/a')).toEqual({ byteSize: 7 });
  });

  it('keeps the old file when the new one has another hash than announced', async () => {
    await storage.put('uploads/a', Readable.from(['old']), { sha256: sha256('old') });
    const put = storage.put('uploads/a', Readable.from(['new']), { sha256: sha256('other') });
    await expect(put).rejects.toThrow(InvalidInputError);
    expect(await text(await storage.get('uploads/a'))).toBe('old');
    expect(await place.listFiles()).toEqual(['uploads/a']);
  });

  it('keeps nothing of a stream that fails', async () => {
    async function* failing() {
      yield 'begin';
      throw new Error('The source broke.');
    }
    await expect(storage.put('uploads/a', Readable.from(failing()))).rejects.toThrow('The source broke.');
    expect(await place.listFiles()).toEqual([]);
  });

  it.each(['put', 'write'] as const)('%s tells of a source that broke as it did', async (write) => {
    const error = Object.assign(new Error('The source broke.'), { code: 'ECONNRESET' });
    async function* failing() {
      yield Buffer.alloc(9 * 2 ** 20);
      throw error;
    }
    expect(await storage[write]('uploads/a', Readable.from(failing())).catch((thrown: unknown) => thrown)).toBe(error);
  });

  it.each(['put', 'write'] as const)('%s survives a stream that breaks before it is read', async (write) => {
    const broken = new PassThrough();
    const written = storage[write]('uploads/a', broken);
    // An error that nobody listens for ends the process.
    expect(broken.listenerCount('error')).toBeGreaterThan(0);
    broken.destroy(new Error('The source broke.'));
    await expect(written).rejects.toThrow('The source broke.');
  });

  it('gives up a stream that hangs when it is told to', async () => {
    const hanging = new PassThrough();
    hanging.write('begin');
    const stop = new AbortController();
    const put = storage.put('uploads/a', hanging, { signal: stop.signal });
    stop.abort(new Error('The worker is shutting down.'));
    await expect(put).rejects.toThrow('The worker is shutting down.');
    expect(hanging.destroyed).toBe(true);
    expect(await place.listFiles()).toEqual([]);
  });

  describe('a draft', () => {
    async function* breaking(text: string) {
      yield text;
      throw new Error('The connection broke.');
    }

    it('goes on behind what came before it broke, and is readable once it is published', async () => {
      const broken = storage.write('uploads/a', Readable.from(breaking('Grüße, ')));
      await expect(broken).rejects.toThrow('The connection broke.');
      expect(await storage.draftSize('uploads/a')).toBe(9);
      expect(await storage.draftSize('uploads/b')).toBe(0);
      const seen: Buffer[] = [];
      const watch = (bytes: Buffer) => void seen.push(bytes);
      const draft = await storage.write('uploads/a', Readable.from(['Welt']), { offset: 9, watch });
      expect(draft).toMatchObject({ byteSize: 13, sha256: sha256('Grüße, Welt') });
      expect(Buffer.concat(seen).toString()).toBe('Grüße, Welt');
      expect(await storage.head('uploads/a')).toBeNull();
      await draft.publish();
      expect(await text(await storage.get('uploads/a'))).toBe('Grüße, Welt');
      expect(await storage.draftSize('uploads/a')).toBe(0);
      expect(await place.listFiles()).toEqual(['uploads/a']);
    });

    it('keeps the most that is there when going on breaks early', async () => {
      await storage.write('uploads/a', Readable.from(['0123456789']));
      await expect(storage.write('uploads/a', Readable.from(breaking('x')), { offset: 3 })).rejects.toThrow('broke');
      expect(await storage.draftSize('uploads/a')).toBe(10);
    });

    it('refuses to leave a gap, and to grow too large', async () => {
      await storage.write('uploads/a', Readable.from(['01234']));
      await expect(storage.write('uploads/a', Readable.from(['x']), { offset: 6 })).rejects.toThrow(ConflictError);
      const large = storage.write('uploads/a', Readable.from(['56789']), { offset: 5, maxBytes: 9 });
      await expect(large).rejects.toThrow(LimitExceededError);
      expect(await storage.draftSize('uploads/a')).toBe(5);
    });

    it('of many parts goes on in another process, and becomes one file', async () => {
      const content = Buffer.alloc(2 * grain + 5, 'abcdefg');
      async function* begin() {
        yield content.subarray(0, grain + 3);
        throw new Error('The connection broke.');
      }
      await expect(storage.write('uploads/a', Readable.from(begin()))).rejects.toThrow('broke');
      expect(await storage.draftSize('uploads/a')).toBe(grain + 3);
      const other = place.reopen();
      const rest = Readable.from([content.subarray(grain + 1)]);
      const draft = await other.write('uploads/a', rest, { offset: grain + 1 });
      expect(draft).toMatchObject({ byteSize: content.length, sha256: sha256(content) });
      await draft.publish();
      expect(sha256(await buffer(await storage.get('uploads/a')))).toBe(sha256(content));
      expect(await place.listFiles()).toEqual(['uploads/a']);
    });

    it('that a newer writer took away cannot be published', async () => {
      const draft = await storage.write('uploads/a', Readable.from(['older']));
      const newer = await storage.write('uploads/a', Readable.from(['newer']));
      await expect(draft.publish()).rejects.toThrow(ConflictError);
      await newer.publish();
      expect(await text(await storage.get('uploads/a'))).toBe('newer');
    });

    it('is discarded, or deleted with its key', async () => {
      await (await storage.write('uploads/a', Readable.from(['x']))).discard();
      await storage.write('uploads/b', Readable.from(['x']));
      await storage.delete('uploads/b');
      expect(await place.listFiles()).toEqual([]);
    });

    it('of one writer is not touched by another', async () => {
      const slow = new PassThrough();
      const first = storage.write('uploads/a', slow);
      const begin = 'x'.repeat(grain);
      slow.write(begin);
      await waitFor(async () => (await storage.draftSize('uploads/a')) === grain, { description: 'the first bytes' });
      const second = await storage.write('uploads/a', Readable.from(['second']), { offset: grain });
      slow.end('to its end');
      expect(await first).toMatchObject({ sha256: sha256(`${begin}to its end`) });
      await second.publish();
      expect(sha256(await buffer(await storage.get('uploads/a')))).toBe(sha256(`${begin}second`));
    });
  });

  it.each([
    '',
    '/etc/passwd',
    '../a',
    'uploads/../../a',
    'uploads//a',
    'uploads/.a',
    'uploads/a\0',
    'uploads\\a',
    'a/..',
  ])('refuses the key %j', async (key) => {
    await expect(storage.put(key, Readable.from(['x']))).rejects.toThrow(InvalidInputError);
    await expect(storage.get(key)).rejects.toThrow(InvalidInputError);
    await expect(storage.head(key)).rejects.toThrow(InvalidInputError);
    await expect(storage.delete(key)).rejects.toThrow(InvalidInputError);
  });

  it('shows no folder as a file', async () => {
    await storage.put('uploads/a', Readable.from(['x']));
    expect(await storage.head('uploads')).toBeNull();
    await expect(storage.get('uploads')).rejects.toThrow(NotFoundError);
  });
});

describe.skipIf(s3 === null)('a bucket of S3', () => {
  it('is read on behind a connection that breaks, and not in another file', async () => {
    const prefix = `${randomUUID()}/`;
    const whole = createBucketStorage(createTestS3Bucket(), prefix);
    const content = Buffer.alloc(4_000_000, 'abcdefg');
    await whole.put('a', Readable.from([content]));
    const proxy = await startCuttingProxy(s3?.endpoint ?? '', 1_000_000);
    const through = createBucketStorage(createTestS3Bucket(proxy.endpoint), prefix);
    expect((await buffer(await through.get('a'))).equals(content)).toBe(true);
    expect(
      (await buffer(await through.get('a', { start: 3, end: 2_500_000 }))).equals(content.subarray(3, 2_500_001)),
    ).toBe(true);
    expect(proxy.connections()).toBeGreaterThan(3);
    const reading = await through.get('a');
    await whole.put('a', Readable.from([Buffer.alloc(4_000_000, 'x')]));
    await expect(buffer(reading)).rejects.toThrow(NotFoundError);
    proxy.close();
    await expect(through.get('a')).rejects.toMatchObject({ name: 'StorageProblemError', problem: 'UNREACHABLE' });
  });

  it('forgets what a writer that was killed had begun, once it is old', async () => {
    const prefix = `${randomUUID()}/`;
    const bucket = createTestS3Bucket();
    const client = createOwner();
    const begun = { Bucket: 'files', Key: `${prefix}uploads/a` };
    await client.send(new CreateMultipartUploadCommand(begun));
    await createBucketStorage(bucket, prefix).deleteAbandoned();
    expect(await countUploads(prefix)).toBe(1);
    await bucket.deleteUnfinished(prefix, new Date(Date.now() + 60_000));
    expect(await countUploads(prefix)).toBe(0);
    client.destroy();
  });

  describe('deletes many files', () => {
    const keys = Array.from({ length: 1_200 }, (_, index) => `a/${index}`);
    const openFront = async () => {
      const front = await startStoreFront(s3?.endpoint ?? '');
      const storage = createBucketStorage(createTestS3Bucket(front.endpoint), `${randomUUID()}/`);
      return { front, storage };
    };

    it('by 1,000 in a request', async () => {
      const { front, storage } = await openFront();
      await using _ = front;
      for (const key of ['a/0', 'a/1199', 'b']) await storage.put(key, Readable.from([key]));
      front.requests.length = 0;
      await storage.deleteFiles(keys);
      expect(front.requests).toEqual(['POST /files/?delete=', 'POST /files/?delete=']);
      expect((await storage.list('a')).files).toEqual([]);
      expect(await storage.head('b')).toEqual({ byteSize: 1 });
    });

    it('one by one where the store has no such request', async () => {
      const { front, storage } = await openFront();
      await using _ = front;
      front.answer = ({ method }) => (method === 'POST' ? refuseAsS3(501, 'NotImplemented') : null);
      for (const key of ['a/0', 'a/7']) await storage.put(key, Readable.from([key]));
      await storage.deleteFiles(keys.slice(0, 8));
      expect((await storage.list('a')).files).toEqual([]);
    });

    it('and says which of them the store kept, and why, when the others are gone', async () => {
      const { front, storage } = await openFront();
      await using _ = front;
      const kept = ['a/3', 'a/5'].map((key) => `<Error><Key>${key}</Key><Code>AccessDenied</Code></Error>`).join('');
      let asked = 0;
      front.answer = ({ method }) => {
        if (method !== 'POST' || (asked += 1) > 1) return null;
        return (response) => answerXml(response, 200, `<DeleteResult>${kept}</DeleteResult>`);
      };
      await storage.put('a/1199', Readable.from(['x']));
      await expect(storage.deleteFiles(keys)).rejects.toMatchObject({
        problem: 'NO_PERMISSION',
        message:
          's3://files: could not delete a/3 and 1 more of 1200: the credentials do not allow it. They need to read, write, list and delete below the prefix.',
      });
      expect(asked).toBe(2);
      expect(await storage.head('a/1199')).toBeNull();
    });
  });
});

describe.skipIf(gcs === null)('a bucket of Google Cloud Storage', () => {
  it('joins more parts than one request takes, and leaves nothing between', async () => {
    const prefix = `${randomUUID()}/`;
    const bucket = createTestGcsBucket();
    const parts = Array.from({ length: 70 }, (_, index) => `${prefix}parts/${index}`);
    const options = { isNew: false, contentType: undefined, maxBytes: Infinity, signal: undefined };
    for (const part of parts) await bucket.put(part, Readable.from([Buffer.from(`${part};`)]), options);
    await bucket.join(parts, `${prefix}whole`);
    const { content } = await bucket.get(`${prefix}whole`);
    expect((await buffer(content)).toString()).toBe(parts.map((part) => `${part};`).join(''));
    const { files } = await bucket.list(prefix, { after: null, limit: 1_000 });
    expect(files.map(({ key }) => key).sort()).toEqual([...parts, `${prefix}whole`].sort());
  });
});

/** Passes bytes on, and breaks each connection off once so many came back. */
async function startCuttingProxy(endpoint: string, bytes: number) {
  let connections = 0;
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    connections += 1;
    const upstream = connect(Number(new URL(endpoint).port), '127.0.0.1');
    let passed = 0;
    for (const each of [socket, upstream]) {
      sockets.add(each);
      each.on('error', () => undefined).on('close', () => sockets.delete(each));
    }
    socket.pipe(upstream);
    upstream.on('data', (piece) => {
      passed += piece.length;
      socket.write(piece, () => {
        if (passed >= bytes) socket.destroy();
      });
    });
    socket.on('close', () => upstream.destroy());
    upstream.on('close', () => socket.end());
  });
  await once(server.listen(0, '127.0.0.1'), 'listening');
  const { port } = server.address() as AddressInfo; // A server on a TCP port has such an address.
  return {
    endpoint: `http://127.0.0.1:${port}`,
    connections: () => connections,
    close: () => {
      server.close();
      for (const each of sockets) each.destroy();
    },
  };
}

describe('local disk after a crash', () => {
  it('removes what was never finished, but not what another process is writing', async () => {
    const root = await mkdtemp(join(tmpdir(), 'longhaul-storage-'));
    try {
      await createLocalDiskStorage(root).put('uploads/whole', Readable.from(['x']));
      await writeFile(join(root, 'uploads', '.partial-old'), 'half');
      await writeFile(join(root, 'uploads', '.partial-young'), 'half');
      const yesterday = new Date(Date.now() - 86_400_000);
      await utimes(join(root, 'uploads', '.partial-old'), yesterday, yesterday);

      await createLocalDiskStorage(root).put('uploads/next', Readable.from(['y']));
      expect(await listFiles(root)).toEqual(['uploads/.partial-young', 'uploads/next', 'uploads/whole']);

      const { byteSize } = await createLocalDiskStorage(root).write('uploads/cut', Readable.from(['half']));
      const [draft = ''] = await listFiles(root);
      await utimes(join(root, draft), yesterday, yesterday);
      const storage = createLocalDiskStorage(root);
      await storage.deleteAbandoned();
      expect(await storage.draftSize('uploads/cut')).toBe(byteSize);
      const longAgo = new Date(Date.now() - 8 * 86_400_000);
      await utimes(join(root, draft), longAgo, longAgo);
      await storage.deleteAbandoned();
      expect(await storage.draftSize('uploads/cut')).toBe(0);
    } finally {
      await rm(root, { recursive: true, force: true });
    }
  });
});

async function listFiles(root: string): Promise<string[]> {
  const entries = await readdir(root, { recursive: true, withFileTypes: true });
  return entries
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name).slice(root.length + 1))
    .sort();
}
