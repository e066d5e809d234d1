import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Database } from '../database/database.ts';
import { ExportEntity, type Export } from '../database/entities/export.ts';
import { JobEntity } from '../database/entities/job.ts';
import { answerUnknownLink } from '../answer.ts';
import type { UrlSigner } from '../storage/signed-url.ts';
import type { Storage } from '../storage/storage.ts';
import { contentTypeOf } from './file-name.ts';
import { serveFile } from './serve-file.ts';
import { exportFileKey } from './storage-key.ts';

/** Serves GET and HEAD on a signed download link. Anything wrong with the link, or with what it leads to, is 404. */
export type ExportDownload = (request: IncomingMessage, response: ServerResponse, url: URL) => Promise<void>;

interface DownloadDeps {
  database: Database;
  storage: Storage;
  signer: UrlSigner;
}

/** Answers signed links to exports that are COMPLETED and not expired. */
export function createExportDownload({ database, storage, signer }: DownloadDeps): ExportDownload {
  return async (request, response, url) => {
    const { method = 'GET' } = request;
    const found = signer.isValid({ method, url }) ? await findCompleted(url.pathname.slice('/exports/'.length)) : null;
    const file = found && (await storage.head(exportFileKey(found)));
    if (!found || !file) return answerUnknownLink(response);

    await serveFile(request, response, {
      storage,
      key: exportFileKey(found),
      byteSize: file.byteSize,
      sha256: found.sha256 ?? '',
      contentType: contentTypeOf(found.format),
      fileName: found.fileName ?? found.id,
    });
  };

  async function findCompleted(id: string): Promise<Export | null> {
    const em = database.em();
    const found = await em.findOne(ExportEntity, { id, state: 'COMPLETED', expiresAt: { $gt: new Date() } });
    if (!found) return null;
    const job = await em.findOne(JobEntity, { id: found.jobId, deletedAt: null }, { fields: ['id'] });
    return job ? found : null;
  }
}
