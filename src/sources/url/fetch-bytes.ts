import type { IncomingMessage } from 'node:http';
import { setTimeout as delay } from 'node:timers/promises';
import { LimitExceededError, toError } from '../../domain/errors.ts';
import { UnreadableSourceError } from '../unreadable-source-error.ts';
import { openUrl, type OpenedUrl } from './open-url.ts';
import { fileNameOf } from './remote-file.ts';
import type { UrlAccess, UrlTarget } from './url-access.ts';

/** What a server says of a file. The same validator means the same bytes. */
export interface RemoteFile {
  /** A strong ETag, else Last-Modified; null when the server gives neither: then a broken fetch begins anew. */
  validator: string | null;
  /** Bytes; null when the server does not say. */
  byteSize: number | null;
  fileName: string;
  contentType: string | null;
}

export interface FetchRequest {
  target: UrlTarget;
  /** Bytes that are there already, of the file as it was `known`. */
  offset: number;
  known: RemoteFile | null;
  /** The last byte that is wanted; the last of the file unless given. A server that gives no ranges is then of no use. */
  end?: number;
  signal: AbortSignal;
  /** When the time of `access` is over, of several fetches together; of this one unless given. */
  deadline?: AbortSignal;
  /** Settles before the first byte is given, at every connection. */
  onOpened(file: RemoteFile): Promise<void>;
}

/** The file must be fetched from its first byte again, as its server cannot go on in the middle. */
export class NotResumableError extends Error {}

/** Tries in a row that bring not a byte. */
const maxFutileTries = 5;

/**
 * The bytes of a file behind `offset`. When a connection breaks it goes on by Range, held to the same file by If-Range.
 * @throws UnreadableSourceError when the server refuses, or the file changed; LimitExceededError; NotResumableError
 */
export async function* fetchBytes(access: UrlAccess, request: FetchRequest): AsyncGenerator<Buffer> {
  const deadline = request.deadline ?? AbortSignal.timeout(access.timeoutMs);
  const signal = AbortSignal.any([request.signal, deadline]);
  const host = URL.parse(request.target.url)?.host ?? '';
  const { end } = request;
  let { offset, known } = request;
  for (let tries = 1; offset <= (end ?? (known?.byteSize ?? Infinity) - 1); tries += 1) {
    try {
      const opened = await openAt(access, request.target, { offset, known, end, signal });
      known = opened.file;
      try {
        assertSize(known.byteSize ?? 0, access.maxBytes, host);
        await request.onOpened(known);
        for await (const bytes of opened.response) {
          // A socket gives Buffers as long as no encoding is set.
          offset += (bytes as Buffer).length;
          assertSize(offset, access.maxBytes, host);
          tries = 0;
          yield bytes as Buffer;
        }
      } finally {
        opened.response.destroy();
      }
      return;
    } catch (thrown) {
      const error = toError(thrown);
      request.signal.throwIfAborted();
      if (isFinal(error)) throw error;
      if (deadline.aborted) {
        throw new UnreadableSourceError(`${host} took longer than ${toWords(access.timeoutMs)}.`, error);
      }
      if (tries >= maxFutileTries) {
        throw new UnreadableSourceError(`${host} could not be read: ${describe(error)}. Try again later.`, error);
      }
      if (offset > 0 && known?.validator === null) throw new NotResumableError();
      await delay((access.retryMs ?? 500) * 2 ** tries, undefined, { signal }).catch(() => undefined);
    }
  }
}

interface Place {
  offset: number;
  known: RemoteFile | null;
  end: number | undefined;
  signal: AbortSignal;
}

async function openAt(
  access: UrlAccess,
  target: UrlTarget,
  { offset, known, end, signal }: Place,
): Promise<OpenedUrl & { file: RemoteFile }> {
  const headers = new Map<string, string>();
  const isPart = offset > 0 || end !== undefined;
  if (isPart && known?.validator) headers.set('range', `bytes=${offset}-${end ?? ''}`).set('if-range', known.validator);
  const opened = await openUrl(access, target, Object.fromEntries(headers), signal);
  const { response } = opened;
  try {
    assertStatus(response, opened.url.host);
    const file = describeFile(opened, offset);
    if (known && isPart) assertSameFile(known, file, opened.url.host);
    if (isPart && !startsAt(response, offset)) throw new NotResumableError();
    return { ...opened, file };
  } catch (error) {
    response.destroy();
    throw error;
  }
}

function describeFile({ response, url }: OpenedUrl, offset: number): RemoteFile {
  const { headers } = response;
  const etag = headers.etag?.startsWith('W/') ? undefined : headers.etag;
  const length = headers['content-length'] === undefined ? null : Number(headers['content-length']);
  // RFC 9110, 14.4: a part names the size of the whole, or an asterisk.
  const [, total] = /^bytes \d+-\d+\/(\d+)$/.exec(headers['content-range'] ?? '') ?? [];
  const isPart = response.statusCode === 206;
  return {
    validator: etag ?? headers['last-modified'] ?? null,
    byteSize: isPart && total !== undefined ? Number(total) : length === null ? null : length + (isPart ? offset : 0),
    fileName: fileNameOf(headers['content-disposition'], url),
    contentType: headers['content-type'] ?? null,
  };
}

function startsAt({ statusCode, headers }: IncomingMessage, offset: number): boolean {
  return statusCode === 206 && (headers['content-range'] ?? '').startsWith(`bytes ${offset}-`);
}

/** @throws UnreadableSourceError: what was read of the older file does not belong to this one */
function assertSameFile(known: RemoteFile, file: RemoteFile, host: string): void {
  if (known.validator === null || known.validator === file.validator) return;
  throw new UnreadableSourceError(
    `The file at ${host} changed while it was fetched. Retry the job to fetch it as it is now.`,
  );
}

/** A server that has had enough for now, or is not well: RFC 9110, 15.6, and RFC 6585, 4. */
class BusyError extends Error {}

function assertStatus({ statusCode = 0 }: IncomingMessage, host: string): void {
  if (statusCode === 200 || statusCode === 206) return;
  if (statusCode >= 500 || statusCode === 429 || statusCode === 408) {
    throw new BusyError(`it answered ${statusCode}`);
  }
  const advice = statusAdvice.get(statusCode) ?? 'Give a URL that answers GET with the file.';
  throw new UnreadableSourceError(`${host} answered ${statusCode}. ${advice}`);
}

const statusAdvice = new Map([
  [401, 'Send credentials as a header, or give a signed URL.'],
  [403, 'The signature of the URL may have expired, or the credentials do not allow it.'],
  [404, 'There is no such file: check the URL.'],
  [410, 'The file is gone: check the URL.'],
]);

function assertSize(byteSize: number, limit: number, host: string): void {
  if (byteSize <= limit) return;
  throw new LimitExceededError(
    `The file at ${host} is larger than ${limit} bytes. Compress it with gzip, or split it.`,
    { limit },
  );
}

function isFinal(error: Error): boolean {
  return (
    error instanceof UnreadableSourceError || error instanceof LimitExceededError || error instanceof NotResumableError
  );
}

function toWords(ms: number): string {
  return ms < 60_000 ? `${ms / 1_000} seconds` : `${ms / 60_000} minutes`;
}

/** By its code: messages of the network name addresses. */
function describe(error: Error): string {
  if (error instanceof BusyError || !('code' in error)) return error.message;
  return String(error.code);
}
