import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { Readable } from 'node:stream';
import { ZipArchive } from 'archiver';
import { toError } from '../domain/errors.ts';

/** A file of an archive. Its text is read once, when its turn comes. */
export interface ZipFile {
  name: string;
  text: AsyncIterable<string>;
  /** Items in the file, known once it is read. */
  itemCount(): number;
}

/** One line of the manifest. */
interface ManifestEntry {
  name: string;
  sha256: string;
  byteSize: number;
  itemCount: number;
}

/** The same content gives the same bytes: every file carries the first moment that the format knows. */
const date = new Date(Date.UTC(1980, 0, 1));

/** Packs the files one after the other, then "manifest.json" with the SHA-256, size and item count of each. Ends with an error when one fails. */
export function zipFiles(files: readonly ZipFile[], manifest: Record<string, unknown>): Readable {
  const archive = new ZipArchive();
  // Its stream class is a copy of Node's own, under its own name.
  const output = Readable.from(archive, { objectMode: false });
  void fill(archive, files, manifest).catch((thrown: unknown) => archive.destroy(toError(thrown)));
  return output;
}

async function fill(archive: ZipArchive, files: readonly ZipFile[], manifest: Record<string, unknown>): Promise<void> {
  const entries: ManifestEntry[] = [];
  for (const file of files) {
    const hash = createHash('sha256');
    let byteSize = 0;
    const source = Readable.from(
      toBytes(file.text, (bytes) => {
        hash.update(bytes);
        byteSize += bytes.length;
      }),
      { objectMode: false },
    );
    await append(archive, source, file.name);
    entries.push({ name: file.name, sha256: hash.digest('hex'), byteSize, itemCount: file.itemCount() });
  }
  await append(
    archive,
    Readable.from([`${JSON.stringify({ ...manifest, files: entries }, null, 2)}\n`]),
    'manifest.json',
  );
  // Settles when the archive is read to its end, which its reader owns; it stays open for ever when the reader leaves.
  void archive.finalize().catch((thrown: unknown) => archive.destroy(toError(thrown)));
}

async function* toBytes(text: AsyncIterable<string>, watch: (bytes: Buffer) => void): AsyncGenerator<Buffer> {
  for await (const piece of text) {
    const bytes = Buffer.from(piece);
    watch(bytes);
    yield bytes;
  }
}

/** Resolves when the file is in the archive; the archive itself does not notice that a source fails, or that its reader left. */
async function append(archive: ZipArchive, source: Readable, name: string): Promise<void> {
  const done = new AbortController();
  const { signal } = done;
  const sourceFailed = once(source, 'error', { signal }).then(([error]) => Promise.reject(toError(error)));
  const readerLeft = once(archive, 'close', { signal }).then(() =>
    Promise.reject(new Error('The archive was closed before its end.')),
  );
  try {
    archive.append(source, { name, date, mode: 0o644 });
    await Promise.race([once(archive, 'entry', { signal }), sourceFailed, readerLeft]);
  } finally {
    done.abort();
    source.destroy();
    await Promise.allSettled([sourceFailed, readerLeft]);
  }
}
