import { Readable } from 'node:stream';
import { NotFoundError } from '../../domain/errors.ts';
import type { Storage } from '../../storage/storage.ts';
import { fetchBytes, type RemoteFile } from './fetch-bytes.ts';
import type { UrlAccess, UrlTarget } from './url-access.ts';

export interface UrlStorage {
  /** What the server says of the file. */
  file: RemoteFile;
  /** Reads the file as if it lay in storage, under any key; only what is read is fetched, a range from its beginning on. */
  storage: Pick<Storage, 'get' | 'head'>;
  close(): void;
}

/** Opens a file where it lies, to look into it. @throws UnreadableSourceError, LimitExceededError */
export async function openUrlStorage(access: UrlAccess, target: UrlTarget): Promise<UrlStorage> {
  const closing = new AbortController();
  let file: RemoteFile | null = null;
  const fetchAll = () =>
    fetchBytes(access, {
      target,
      offset: 0,
      known: null,
      signal: closing.signal,
      onOpened: async (opened) => {
        file ??= opened;
      },
    });
  // Its first bytes answer the first questions; who reads more goes on with the same connection.
  let begun: AsyncGenerator<Buffer> | null = fetchAll();
  const first = await begun.next();
  const head = first.done === true ? Buffer.alloc(0) : first.value;
  if (file === null) throw new NotFoundError('The server gave no file.');
  const opened: RemoteFile = file;

  async function* whole(): AsyncGenerator<Buffer> {
    const rest = begun;
    begun = null;
    if (!rest) return yield* fetchAll();
    yield head;
    yield* rest;
  }

  async function* part({ start, end }: { start: number; end: number }): AsyncGenerator<Buffer> {
    if (end < head.length) return yield head.subarray(start, end + 1);
    let at = 0;
    for await (const bytes of whole()) {
      yield bytes.subarray(Math.max(start - at, 0), Math.max(end + 1 - at, 0));
      at += bytes.length;
      if (at > end) return;
    }
  }

  return {
    file: opened,
    storage: {
      head: async () => ({ byteSize: opened.byteSize ?? 0 }),
      get: async (_key, range) => Readable.from(range ? part(range) : whole()),
    },
    close: () => {
      closing.abort();
      void begun?.return(undefined);
    },
  };
}
