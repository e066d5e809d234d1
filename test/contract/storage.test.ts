import { createHash } from 'node:crypto';
import { mkdtemp, readdir, rm, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PassThrough, Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { ConflictError, InvalidInputError, LimitExceededError, NotFoundError } from '../../src/domain/errors.ts';
import { createLocalDiskStorage } from '../../src/storage/local-disk.ts';
import type { Storage } from '../../src/storage/storage.ts';
import { waitFor } from '../support/wait-for.ts';

/** What every storage promises. */
const implementations = [{ name: 'local disk', create: createLocalDiskStorage }];

describe.each(implementations)('storage on $name', ({ create }) => {
  let root: string;
  let storage: Storage;

  beforeEach(async () => {
    root = await mkdtemp(join(tmpdir(), 'longhaul-storage-'));
    storage = create(root);
  });

  afterEach(() => rm(root, { recursive: true, force: true }));

  const sha256 = (text: string) => createHash('sha256').update(text).digest('hex');
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

  it.each(['put', 'write'] as const)('refuses by %s a stream that fails before its first byte is read', async (way) => {
    // What an earlier draft brought is copied first: so long nobody reads the stream.
    const begun = new PassThrough();
    const first = storage.write('uploads/a', begun);
    begun.write('x'.repeat(100_000));
    await waitFor(async () => (await storage.draftSize('uploads/a')) === 100_000, { description: 'an earlier draft' });
    begun.destroy(new Error('The connection broke.'));
    await expect(first).rejects.toThrow('The connection broke.');
    const content = new PassThrough();
    const storing = storage[way]('uploads/a', content, way === 'write' ? { offset: 100_000 } : {});
    content.destroy(new Error('There was nothing.'));
    await expect(storing).rejects.toThrow('There was nothing.');
    expect(await storage.head('uploads/a')).toBeNull();
  });

  it('keeps nothing of a file that is too large', async () => {
    const put = storage.put('uploads/a', Readable.from(['1234', '5678']), { maxBytes: 7 });
    await expect(put).rejects.toThrow(LimitExceededError);
    expect(await listFiles(root)).toEqual([]);
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
    expect(await listFiles(root)).toEqual(['uploads/a']);
  });

  it('keeps nothing of a stream that fails', async () => {
    async function* failing() {
      yield 'begin';
      throw new Error('The source broke.');
    }
    await expect(storage.put('uploads/a', Readable.from(failing()))).rejects.toThrow('The source broke.');
    expect(await listFiles(root)).toEqual([]);
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
    expect(await listFiles(root)).toEqual([]);
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
      expect(await listFiles(root)).toEqual(['uploads/a']);
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

    it('is discarded, or deleted with its key', async () => {
      await (await storage.write('uploads/a', Readable.from(['x']))).discard();
      await storage.write('uploads/b', Readable.from(['x']));
      await storage.delete('uploads/b');
      expect(await listFiles(root)).toEqual([]);
    });

    it('of one writer is not touched by another', async () => {
      const slow = new PassThrough();
      const first = storage.write('uploads/a', slow);
      slow.write('first, ');
      await waitFor(async () => (await storage.draftSize('uploads/a')) === 7, { description: 'the first bytes' });
      const second = await storage.write('uploads/a', Readable.from(['second']), { offset: 7 });
      slow.end('to its end');
      expect(await first).toMatchObject({ sha256: sha256('first, to its end') });
      await second.publish();
      expect(await text(await storage.get('uploads/a'))).toBe('first, second');
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
