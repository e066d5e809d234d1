import { once } from 'node:events';
import { Readable } from 'node:stream';
import { ZipArchive } from 'archiver';
import { toError } from '../domain/errors.ts';

/** Adds a file to an archive; its content is read once, and made smaller unless it is packed already. Resolves when the file is in the archive. */
export type AppendFile = (
  name: string,
  content: AsyncIterable<string | Uint8Array>,
  options?: { isPacked?: boolean },
) => Promise<void>;

/** The same content gives the same bytes: every file carries the first moment that the format knows. */
const date = new Date(Date.UTC(1980, 0, 1));

/** A ZIP archive as a stream; `fill` adds its files, one after the other. Ends with an error when that fails. */
export function createArchive(fill: (append: AppendFile) => Promise<void>): Readable {
  const archive = new ZipArchive();
  // Its reader hears of an error whenever it comes to read; until then nobody listens, which would end the process.
  archive.on('error', () => undefined);
  // Its stream class is a copy of Node's own, under its own name.
  const output = Readable.from(archive, { objectMode: false });
  const run = async () => {
    await fill((name, content, { isPacked: store = false } = {}) =>
      append(archive, Readable.from(content, { objectMode: false }), { name, store }),
    );
    // Settles when the archive is read to its end, which its reader owns; it stays open for ever when the reader leaves.
    void archive.finalize().catch((thrown: unknown) => archive.destroy(toError(thrown)));
  };
  void run().catch((thrown: unknown) => archive.destroy(toError(thrown)));
  return output;
}

/** The archive itself does not notice that a source fails, or that its reader left. */
async function append(archive: ZipArchive, source: Readable, entry: { name: string; store: boolean }): Promise<void> {
  // It may fail in the very moment in which the race below is over.
  source.on('error', () => undefined);
  const done = new AbortController();
  const { signal } = done;
  const sourceFailed = once(source, 'error', { signal }).then(([error]) => Promise.reject(toError(error)));
  const readerLeft = once(archive, 'close', { signal }).then(() =>
    Promise.reject(new Error('The archive was closed before its end.')),
  );
  try {
    archive.append(source, { ...entry, date, mode: 0o644 });
    await Promise.race([once(archive, 'entry', { signal }), sourceFailed, readerLeft]);
  } finally {
    done.abort();
    source.destroy();
    await Promise.allSettled([sourceFailed, readerLeft]);
  }
}
