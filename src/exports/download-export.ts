import type { IncomingMessage, OutgoingHttpHeaders, ServerResponse } from 'node:http';
import { pipeline } from 'node:stream/promises';
import type { Database } from '../database/database.ts';
import { ExportEntity, type Export } from '../database/entities/export.ts';
import { JobEntity } from '../database/entities/job.ts';
import { NotFoundError, toError } from '../domain/errors.ts';
import { answerError, answerUnknownLink } from '../answer.ts';
import { contentDisposition } from '../storage/content-disposition.ts';
import type { UrlSigner } from '../storage/signed-url.ts';
import type { Storage } from '../storage/storage.ts';
import { parseByteRange, type ByteRange } from './byte-range.ts';
import { contentTypeOf } from './file-name.ts';
import { exportFileKey } from './storage-key.ts';

/**
 * Serves GET and HEAD on a signed download link: 200, 206 for a part, 304 for a copy that is still right, 416 for a part that
 * there is not. Anything wrong with the link, or with what it leads to, is 404. Where the storage can give the file itself, GET is
 * answered with 307 to there.
 */
export type ExportDownload = (request: IncomingMessage, response: ServerResponse, url: URL) => Promise<void>;

interface DownloadDeps {
  database: Database;
  storage: Storage;
  signer: UrlSigner;
}

/** A link that is used at once; whether the file may be had is looked at each time that it is asked for here. */
const directLinkMs = 15 * 60_000;

export function createExportDownload({ database, storage, signer }: DownloadDeps): ExportDownload {
  return async (request, response, url) => {
    const { method = 'GET' } = request;
    const found = signer.isValid({ method, url }) ? await findCompleted(url.pathname.slice('/exports/'.length)) : null;
    const file = found && (await storage.head(exportFileKey(found)));
    if (!found || !file) return answerUnknownLink(response);

    const etag = `"${found.sha256}"`;
    const headers = { etag, 'cache-control': 'private, no-cache', 'accept-ranges': 'bytes' };
    if (hasCopy(request, etag)) {
      response.writeHead(304, headers).end();
      return;
    }
    const { byteSize } = file;
    const fileHeaders = {
      ...headers,
      'content-type': contentTypeOf(found.format),
      'content-length': byteSize,
      'content-disposition': contentDisposition(found.fileName ?? found.id),
    };
    // A range means something for GET only (RFC 9110, 14.2).
    if (method === 'HEAD') {
      response.writeHead(200, fileHeaders).end();
      return;
    }
    // A client that goes on with what it has from here has our tag, which a store does not know.
    const link = request.headers['if-range'] === etag ? null : await linkToFile(found);
    if (link !== null) {
      response.writeHead(307, { location: link, 'cache-control': 'no-store', 'content-length': 0 }).end();
      return;
    }
    const range = parseByteRange(wantedRange(request, etag), byteSize);
    if (range === 'UNSATISFIABLE') return answerNoSuchRange(response, byteSize, headers);
    if (range === 'WHOLE') return await send(found, response, { status: 200, headers: fileHeaders });
    const { start, end } = range;
    const partHeaders = { 'content-range': `bytes ${start}-${end}/${byteSize}`, 'content-length': end - start + 1 };
    await send(found, response, { status: 206, headers: { ...fileHeaders, ...partHeaders }, range });
  };

  async function findCompleted(id: string): Promise<Export | null> {
    const em = database.em();
    const found = await em.findOne(ExportEntity, { id, state: 'COMPLETED', expiresAt: { $gt: new Date() } });
    if (!found) return null;
    const job = await em.findOne(JobEntity, { id: found.jobId, deletedAt: null }, { fields: ['id'] });
    return job ? found : null;
  }

  function linkToFile(found: Export): Promise<string | null> {
    return storage.linkTo(exportFileKey(found), {
      method: 'GET',
      expiresAt: new Date(Date.now() + directLinkMs),
      fileName: found.fileName ?? found.id,
      contentType: contentTypeOf(found.format),
    });
  }

  async function send(
    found: Export,
    response: ServerResponse,
    { status, headers, range }: { status: number; headers: OutgoingHttpHeaders; range?: ByteRange },
  ): Promise<void> {
    try {
      const content = await storage.get(exportFileKey(found), range);
      response.writeHead(status, headers);
      await pipeline(content, response);
    } catch (thrown) {
      const error = toError(thrown);
      // Deleted in this moment, or the client has gone: neither is ours to report.
      if (error instanceof NotFoundError) return answerUnknownLink(response);
      if (!('code' in error) || error.code !== 'ERR_STREAM_PREMATURE_CLOSE') throw error;
    }
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
