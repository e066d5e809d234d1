import { Readable } from 'node:stream';
import { LimitExceededError } from '../../domain/errors.ts';
import { fileKindOf, magicBytes } from '../file-kind.ts';
import type { SourceFile } from '../source-file.ts';
import { storeTemporarily } from '../temporary-file.ts';
import { UnreadableSourceError } from '../unreadable-source-error.ts';
import { fetchBytes, NotResumableError, type FetchRequest, type RemoteFile } from './fetch-bytes.ts';
import type { UrlAccess, UrlTarget } from './url-access.ts';

/** A file where it lies on the web. Only what is read of it is fetched. */
export interface UrlFile {
  /** What the server says of it. */
  remote: RemoteFile;
  file: SourceFile;
  close(): Promise<void>;
}

export interface UrlFileLimits {
  /** A file up to so many bytes is fetched at once: that is faster than to ask for its ranges one by one. */
  maxWholeBytes: number;
  /** Most bytes that are put down on disk of a file whose server gives no ranges. */
  maxTemporaryBytes: number;
}

const defaultLimits: UrlFileLimits = { maxWholeBytes: 4 * 2 ** 20, maxTemporaryBytes: 256 * 2 ** 20 };

const brokenOff = 'broke the connection off, and does not let anybody go on behind what came';

/**
 * Opens a file where it lies, to look into it. A text is read from its beginning, by the connection that is open already. An
 * archive, a workbook or a Parquet file is read by ranges, all of the same file; where its server gives none, or it is small,
 * it is fetched as a whole and lies on disk until it is closed. @throws UnreadableSourceError, LimitExceededError
 */
export async function openUrlFile(
  access: UrlAccess,
  target: UrlTarget,
  limits: UrlFileLimits = defaultLimits,
): Promise<UrlFile> {
  const closing = new AbortController();
  // One for all connections together, however many ranges are asked for.
  const deadline = AbortSignal.timeout(access.timeoutMs);
  const host = URL.parse(target.url)?.host ?? '';
  const fetchAt = (
    place: Pick<FetchRequest, 'offset' | 'known' | 'end'>,
    onOpened: FetchRequest['onOpened'] = async () => undefined,
  ) => fetchBytes(access, { target, signal: closing.signal, deadline, onOpened, ...place });
  let remote: RemoteFile | null = null;
  const fetchAll = () =>
    fetchAt({ offset: 0, known: null }, async (opened) => {
      remote ??= opened;
    });
  // Its first bytes tell what it is; who reads on from there goes on with the same connection.
  const begun = asUnreadable(fetchAll(), brokenOff);
  const stopAll = async () => {
    closing.abort();
    await begun.return(undefined);
  };
  try {
    const head = await takeHead(begun);
    if (remote === null) throw new UnreadableSourceError(`${host} gave no file.`);
    const opened: RemoteFile = remote;
    const whole = continueOnce(head, begun, () => asUnreadable(fetchAll(), brokenOff));
    const kind = fileKindOf(head);
    if (kind !== 'ZIP' && kind !== 'PARQUET') {
      // Where the size is not told, no file is larger than what may be fetched.
      const byteSize = opened.byteSize ?? access.maxBytes;
      return { remote: opened, file: { byteSize, read: readerOf(head, whole) }, close: stopAll };
    }
    const ranged = await openRanges(opened, (known, start, end) => fetchAt({ offset: start, known, end }));
    if (ranged) {
      await begun.return(undefined);
      return { remote: opened, file: ranged, close: stopAll };
    }
    const stored = await storeTemporarily(assertBytes(whole(), opened.byteSize ?? 0));
    const close = async () => {
      await stopAll();
      await stored.close();
    };
    return { remote: opened, file: stored, close };
  } catch (error) {
    await stopAll();
    throw error;
  }

  /** Null when the server gives no ranges of it, or it is not worth asking. */
  async function openRanges(
    opened: RemoteFile,
    fetchRange: (known: RemoteFile, start: number, end: number) => AsyncIterable<Buffer>,
  ): Promise<SourceFile | null> {
    const { byteSize, validator } = opened;
    if (byteSize === null || validator === null || byteSize <= limits.maxWholeBytes) return null;
    try {
      for await (const _ of fetchRange(opened, byteSize - 1, byteSize - 1)) break;
    } catch (error) {
      if (error instanceof NotResumableError) return null;
      throw error;
    }
    const read: SourceFile['read'] = async ({ start, end } = { start: 0, end: byteSize - 1 }) =>
      Readable.from(asUnreadable(fetchRange(opened, start, end), 'gave ranges of the file, and then no more'), {
        objectMode: false,
      });
    return { byteSize, read };
  }

  async function* asUnreadable(bytes: AsyncIterable<Buffer>, problem: string): AsyncGenerator<Buffer> {
    try {
      yield* bytes;
    } catch (error) {
      if (!(error instanceof NotResumableError)) throw error;
      throw new UnreadableSourceError(`${host} ${problem}. Try again later.`, error);
    }
  }

  async function* assertBytes(bytes: AsyncIterable<Buffer>, stated: number): AsyncGenerator<Buffer> {
    const { maxTemporaryBytes: limit } = limits;
    let byteSize = 0;
    const assertSize = (size: number) => {
      if (size <= limit) return;
      throw new LimitExceededError(
        `${host} gives no ranges of the file, so that it would be fetched whole to look into it, and it is larger than ${limit} bytes. Submit the job, or upload the file.`,
        { limit },
      );
    };
    assertSize(stated);
    for await (const piece of bytes) {
      byteSize += piece.length;
      assertSize(byteSize);
      yield piece;
    }
  }
}

/** As much as tells what a file is, or all of a smaller one. */
async function takeHead(bytes: AsyncGenerator<Buffer>): Promise<Buffer> {
  let head = Buffer.alloc(0);
  while (head.length < magicBytes) {
    const next = await bytes.next();
    if (next.done === true) return head;
    head = Buffer.concat([head, next.value]);
  }
  return head;
}

/** The whole file, any number of times: the first time what is open goes on. */
function continueOnce(head: Buffer, begun: AsyncGenerator<Buffer>, fetchAll: () => AsyncGenerator<Buffer>) {
  let isBegun = false;
  return async function* whole(): AsyncGenerator<Buffer> {
    if (isBegun) return yield* fetchAll();
    isBegun = true;
    yield head;
    yield* begun;
  };
}

/** Ranges are read from the beginning on: of a text nobody asks for others than the first. */
function readerOf(head: Buffer, whole: () => AsyncGenerator<Buffer>): SourceFile['read'] {
  async function* part({ start, end }: { start: number; end: number }): AsyncGenerator<Buffer> {
    if (end < head.length) return yield head.subarray(start, end + 1);
    let at = 0;
    for await (const bytes of whole()) {
      yield bytes.subarray(Math.max(start - at, 0), Math.max(end + 1 - at, 0));
      at += bytes.length;
      if (at > end) return;
    }
  }
  return async (range) => Readable.from(range ? part(range) : whole(), { objectMode: false });
}
