import type { IncomingMessage, ServerResponse } from 'node:http';
import { pipeline } from 'node:stream/promises';
import type { Database } from '../database/database.ts';
import { ExportEntity, type Export } from '../database/entities/export.ts';
import { JobEntity } from '../database/entities/job.ts';
import { NotFoundError, toError } from '../domain/errors.ts';
import { answerUnknownLink } from '../answer.ts';
import type { UrlSigner } from '../storage/signed-url.ts';
import type { Storage } from '../storage/storage.ts';
import { contentDisposition, contentTypeOf } from './file-name.ts';
import { exportFileKey } from './storage-key.ts';

/** Serves GET and HEAD on a signed download link. Anything wrong with the link, or with what it leads to, is 404. */
export type ExportDownload = (request: IncomingMessage, response: ServerResponse, url: URL) => Promise<void>;

interface DownloadDeps {
  database: Database;
  storage: Storage;
  signer: UrlSigner;
}

export function createExportDownload({ database, storage, signer }: DownloadDeps): ExportDownload {
  return async (request, response, url) => {
    const { method = 'GET' } = request;
    const found = signer.isValid({ method, url }) ? await findCompleted(url.pathname.slice('/exports/'.length)) : null;
    const file = found && (await storage.head(exportFileKey(found)));
    if (!found || !file) return answerUnknownLink(response);

    const etag = `"${found.sha256}"`;
    const headers = { etag, 'cache-control': 'private, no-cache' };
    if (hasCopy(request, etag)) {
      response.writeHead(304, headers).end();
      return;
    }
    const fileHeaders = {
      ...headers,
      'content-type': contentTypeOf(found.format),
      'content-length': file.byteSize,
      'content-disposition': contentDisposition(found.fileName ?? found.id),
      'x-content-type-options': 'nosniff',
    };
    if (method === 'HEAD') {
      response.writeHead(200, fileHeaders).end();
      return;
    }
    await send(found, response, fileHeaders);
  };

  async function findCompleted(id: string): Promise<Export | null> {
    const em = database.em();
    const found = await em.findOne(ExportEntity, { id, state: 'COMPLETED', expiresAt: { $gt: new Date() } });
    if (!found) return null;
    const job = await em.findOne(JobEntity, { id: found.jobId, deletedAt: null }, { fields: ['id'] });
    return job ? found : null;
  }

  async function send(
    found: Export,
    response: ServerResponse,
    headers: Record<string, string | number>,
  ): Promise<void> {
    try {
      const content = await storage.get(exportFileKey(found));
      response.writeHead(200, headers);
      await pipeline(content, response);
    } catch (thrown) {
      const error = toError(thrown);
      // Deleted in this moment, or the client has gone: neither is ours to report.
      if (error instanceof NotFoundError) return answerUnknownLink(response);
      if (!('code' in error) || error.code !== 'ERR_STREAM_PREMATURE_CLOSE') throw error;
    }
  }
}

function hasCopy({ headers }: IncomingMessage, etag: string): boolean {
  const known = headers['if-none-match'];
  return known !== undefined && known.split(',').some((each) => each.trim() === etag || each.trim() === `W/${etag}`);
}
