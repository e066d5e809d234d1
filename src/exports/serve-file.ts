import type { IncomingMessage, OutgoingHttpHeaders, ServerResponse } from 'node:http';
import { pipeline } from 'node:stream/promises';
import { answerError, answerUnknownLink } from '../answer.ts';
import { NotFoundError, toError } from '../domain/errors.ts';
import { contentDisposition } from '../storage/content-disposition.ts';
import type { Storage } from '../storage/storage.ts';
import { parseByteRange, type ByteRange } from './byte-range.ts';

/** A file in storage that somebody may have. */
export interface ServedFile {
  storage: Pick<Storage, 'get' | 'linkTo'>;
  key: string;
  byteSize: number;
  /** Its tag: the same bytes have the same. */
  sha256: string;
  contentType: string;
  fileName: string;
}

/** A link that is used at once; whether the file may be had is looked at each time that it is asked for here. */
const directLinkMs = 15 * 60_000;

/**
 * Answers GET and HEAD with a file: 200, 206 for a part, 304 for a copy that is still right, 416 for a part that there is not, 404
 * when the file is gone. Where the storage can give the file itself, GET is answered with 307 to there.
 */
export async function serveFile(request: IncomingMessage, response: ServerResponse, file: ServedFile): Promise<void> {
  const { byteSize } = file;
  const etag = `"${file.sha256}"`;
  const headers = { etag, 'cache-control': 'private, no-cache', 'accept-ranges': 'bytes' };
  if (hasCopy(request, etag)) {
    response.writeHead(304, headers).end();
    return;
  }
  const fileHeaders = {
    ...headers,
    'content-type': file.contentType,
    'content-length': byteSize,
    'content-disposition': contentDisposition(file.fileName),
  };
  // A range means something for GET only (RFC 9110, 14.2).
  if (request.method === 'HEAD') {
    response.writeHead(200, fileHeaders).end();
    return;
  }
  // A client that goes on with what it has from here has our tag, which a store does not know.
  const link = request.headers['if-range'] === etag ? null : await linkToFile(file);
  if (link !== null) {
    response.writeHead(307, { location: link, 'cache-control': 'no-store', 'content-length': 0 }).end();
    return;
  }
  const range = parseByteRange(wantedRange(request, etag), byteSize);
  if (range === 'UNSATISFIABLE') return answerNoSuchRange(response, byteSize, headers);
  if (range === 'WHOLE') return await send(file, response, { status: 200, headers: fileHeaders });
  const { start, end } = range;
  const partHeaders = { 'content-range': `bytes ${start}-${end}/${byteSize}`, 'content-length': end - start + 1 };
  await send(file, response, { status: 206, headers: { ...fileHeaders, ...partHeaders }, range });
}

async function linkToFile({ storage, key, fileName, contentType }: ServedFile): Promise<string | null> {
  const expiresAt = new Date(Date.now() + directLinkMs);
  return await storage.linkTo(key, { method: 'GET', expiresAt, fileName, contentType });
}

async function send(
  { storage, key }: ServedFile,
  response: ServerResponse,
  { status, headers, range }: { status: number; headers: OutgoingHttpHeaders; range?: ByteRange },
): Promise<void> {
  try {
    const content = await storage.get(key, range);
    response.writeHead(status, headers);
    await pipeline(content, response);
  } catch (thrown) {
    const error = toError(thrown);
    // Deleted in this moment, or the client has gone: neither is ours to report.
    if (error instanceof NotFoundError) return answerUnknownLink(response);
    if (!('code' in error) || error.code !== 'ERR_STREAM_PREMATURE_CLOSE') throw error;
  }
}

/** True when the client names our tag, or any file would do ("*"): then there is nothing to send. */
function hasCopy({ headers }: IncomingMessage, etag: string): boolean {
  const known = headers['if-none-match']?.split(',').map((each) => each.trim().replace(/^W\//, '')) ?? [];
  return known.includes(etag) || known.includes('*');
}

/** A part goes only to whoever has the beginning of this very file: with another tag in `If-Range`, or a date, the whole is sent. */
function wantedRange({ headers }: IncomingMessage, etag: string): string | undefined {
  const condition = headers['if-range'];
  return condition === undefined || condition === etag ? headers.range : undefined;
}

function answerNoSuchRange(response: ServerResponse, byteSize: number, headers: Record<string, string>): void {
  const message = `The file has ${byteSize} bytes: the range that was asked for begins behind its end.`;
  const error = { message, extensions: { code: 'INVALID_INPUT' } };
  answerError(response, 416, error, { ...headers, 'content-range': `bytes */${byteSize}` });
}
