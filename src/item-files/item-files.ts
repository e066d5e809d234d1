import type { IncomingMessage, ServerResponse } from 'node:http';
import { z } from 'zod';
import { answerUnknownLink } from '../answer.ts';
import type { Config } from '../config.ts';
import type { Database } from '../database/database.ts';
import { findKeptFile } from '../database/sql/item-files/find-kept-file.ts';
import { readKeptFiles, type KeptFile } from '../database/sql/item-files/read-kept-files.ts';
import { serveFile } from '../exports/serve-file.ts';
import { NotFoundError } from '../domain/errors.ts';
import { explainLost } from './explain-lost.ts';
import type { FileStores } from './file-stores.ts';
import { nullWhenNotFound } from './null-when-not-found.ts';
import { createUrlSigner } from '../storage/signed-url.ts';

export type { KeptFile };

/** A link that carries its own permission. */
export interface FileLink {
  url: string;
  expiresAt: Date;
}

/** Files that items left, for those outside. */
export interface ItemFileReads {
  /** Of items that the caller may see, in one go. */
  listFiles(items: readonly { jobId: string; index: number }[]): Promise<KeptFile[]>;
  link(file: KeptFile): FileLink;
  /** Serves the signed links. Anything wrong with a link is 404. @throws NotFoundError for a file that is lost, StorageRefusedError */
  download(request: IncomingMessage, response: ServerResponse, url: URL): Promise<void>;
}

export interface ItemFilesDeps {
  database: Database;
  stores: FileStores;
  config: Pick<Config, 'secret' | 'publicUrl' | 'exportTtlMs'>;
}

/** Links end on the hour, so that who asks twice gets the same one and a browser's copy stays good. */
const hourMs = 3_600_000;

const path = z.tuple([z.literal(''), z.literal('files'), z.uuid(), z.uuid()]);

/** Files are downloaded by signed links at "/files/<job id>/<id>". */
export function createItemFiles({ database, stores, config }: ItemFilesDeps): ItemFileReads {
  const signer = createUrlSigner(config);
  return {
    listFiles: (items) => readKeptFiles(database.pool, items),

    link: ({ jobId, id }) => {
      const expiresAt = new Date(Math.ceil((Date.now() + config.exportTtlMs) / hourMs) * hourMs);
      return { url: signer.sign({ method: 'GET', path: `/files/${jobId}/${id}`, expiresAt }), expiresAt };
    },

    download: async (request, response, url) => {
      const named = path.safeParse(url.pathname.split('/'));
      const isValid = signer.isValid({ method: request.method ?? 'GET', url });
      if (!isValid || !named.success) return answerUnknownLink(response);
      const [, , jobId, id] = named.data;
      const file = await findKeptFile(database.pool, { jobId, id });
      if (!file) return answerUnknownLink(response);
      const storage = await stores.open(file).catch(nullWhenNotFound);
      if (!storage) throw new NotFoundError(explainLost(file, 'DISCONNECTED'));
      // A client that is sent there would be answered by the store, in its own words.
      if (file.destinationId !== null && !(await storage.head(file.key))) {
        throw new NotFoundError(explainLost(file, 'DELETED'));
      }
      await serveFile(request, response, { ...file, storage, contentType: file.mediaType });
    },
  };
}
