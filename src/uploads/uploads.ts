import type { Config } from '../config.ts';
import type { Database } from '../database/database.ts';
import { UploadEntity, type Upload } from '../database/entities/upload.ts';
import { newId } from '../database/new-id.ts';
import { findFileTtl } from '../database/sql/find-file-ttl.ts';
import { InvalidInputError, LimitExceededError, type InputIssue } from '../domain/errors.ts';
import type { UploadFormat } from '../domain/job.ts';
import type { Viewer } from '../jobs/commands.ts';
import { toPage, type Page, type PageRequest } from '../jobs/reads/page.ts';
import { readInnerFormat } from '../sources/inner-format.ts';
import { openUploadFile } from '../sources/source-file.ts';
import { createUrlSigner } from '../storage/signed-url.ts';
import type { Storage } from '../storage/storage.ts';
import { createUploadReceiver, type UploadReceiver } from './receive-upload.ts';

export interface UploadRequest {
  fileName: string;
  byteSize?: number | null;
  sha256?: string | null;
}

/** Files that clients send before they submit a job over them. */
export interface Uploads {
  /** @throws InvalidInputError, LimitExceededError */
  createUpload(viewer: Viewer, request: UploadRequest): Promise<Upload>;
  /** The signed link to PUT the file to. */
  uploadUrl(upload: Upload): string;
  findUpload(viewer: Viewer, id: string): Promise<Upload | null>;
  /** The format that the content of a file tells of: a Parquet file, a workbook, or the name of the file in a ZIP archive; else null. @throws UnreadableSourceError */
  findInnerFormat(upload: Upload, entry: string | null): Promise<UploadFormat | null>;
  /** Newest first; the cursor is the last id. */
  listUploads(viewer: Viewer, request: PageRequest<string>): Promise<Page<Upload>>;
  /** Serves the signed links. */
  receive: UploadReceiver;
}

export interface UploadsDeps {
  database: Database;
  storage: Storage;
  config: Pick<Config, 'secret' | 'publicUrl' | 'maxUploadBytes' | 'uploadTtlMs'>;
}

/** Files go over HTTP to signed links at "/uploads/<id>". */
export function createUploads(deps: UploadsDeps): Uploads {
  const { database, storage, config } = deps;
  const signer = createUrlSigner(config);

  return {
    async createUpload(viewer, request) {
      const checked = checkRequest(request, config.maxUploadBytes);
      const { projectId } = viewer;
      const ttlMs = await findFileTtl(database.pool, { projectId, kind: 'uploads', defaultMs: config.uploadTtlMs });
      const now = new Date();
      const upload: Upload = {
        id: newId(),
        projectId,
        ...checked,
        byteSize: null,
        lineCount: null,
        createdAt: now,
        receivedAt: null,
        expiresAt: new Date(now.getTime() + ttlMs),
      };
      await database.em().insert(UploadEntity, upload);
      return upload;
    },

    uploadUrl: ({ id, expiresAt }) => signer.sign({ method: 'PUT', path: `/uploads/${id}`, expiresAt }),

    findUpload: (viewer, id) => database.em().findOne(UploadEntity, { id, projectId: viewer.projectId }),

    async findInnerFormat({ id, receivedAt }, entry) {
      if (receivedAt === null) return null;
      return await readInnerFormat(await openUploadFile(storage, id), entry);
    },

    async listUploads({ projectId }, request) {
      const where = { projectId, ...(request.after === null ? {} : { id: { $lt: request.after } }) };
      const options = { orderBy: { id: 'desc' }, limit: request.limit + 1 } as const;
      return toPage(await database.em().find(UploadEntity, where, options), request);
    },

    receive: createUploadReceiver({ ...deps, signer }),
  };
}

function checkRequest(request: UploadRequest, maxBytes: number): Pick<Upload, 'fileName' | 'sha256'> {
  const { byteSize } = request;
  if (typeof byteSize === 'number' && byteSize > maxBytes) {
    throw new LimitExceededError(`An upload has at most ${maxBytes} bytes, not ${byteSize}.`, { limit: maxBytes });
  }
  const fileName = request.fileName.trim();
  const sha256 = request.sha256?.toLowerCase() ?? null;
  const issues = [
    ...(/^[^\p{C}/\\]{1,255}$/u.test(fileName)
      ? []
      : [toIssue('fileName', 'must be a name of 1 to 255 characters, without slashes and control characters')]),
    ...(typeof byteSize === 'number' && byteSize < 0 ? [toIssue('byteSize', 'must not be negative')] : []),
    ...(sha256 === null || /^[0-9a-f]{64}$/.test(sha256) ? [] : [toIssue('sha256', 'must be 64 hexadecimal digits')]),
  ];
  if (issues.length === 0) return { fileName, sha256 };
  throw new InvalidInputError('The upload cannot be created like this.', issues);
}

function toIssue(field: string, message: string): InputIssue {
  return { path: [field], message, row: null, field };
}
