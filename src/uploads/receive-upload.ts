import type { IncomingMessage, ServerResponse } from 'node:http';
import { Transform, type Readable } from 'node:stream';
import type { Config } from '../config.ts';
import type { Database } from '../database/database.ts';
import { UploadEntity, type Upload } from '../database/entities/upload.ts';
import { DomainError, LimitExceededError, NotFoundError, toError } from '../domain/errors.ts';
import { uploadKey } from '../sources/source-file.ts';
import { answerError, answerJson, answerUnknownLink } from '../answer.ts';
import type { UrlSigner } from '../storage/signed-url.ts';
import type { Storage, StoredObject } from '../storage/storage.ts';
import { createLineCounter } from './line-counter.ts';

/**
 * Serves PUT on a signed upload link: 201, or 200 when the same content was there already, with { id, byteSize, sha256 }.
 * A received file never changes: a job may be reading it. A broken connection or a refusal leaves nothing behind; refusals
 * are answered in GraphQL's shape, { errors: [{ message, extensions }] }. @throws Error what is no refusal, unanswered
 */
export type UploadReceiver = (request: IncomingMessage, response: ServerResponse, url: URL) => Promise<void>;

interface ReceiverDeps {
  database: Database;
  storage: Storage;
  signer: UrlSigner;
  config: Pick<Config, 'maxUploadBytes'>;
}

export function createUploadReceiver({ database, storage, signer, config }: ReceiverDeps): UploadReceiver {
  /** A client whose connection hangs sends again: the newer request takes over from the older one. */
  const running = new Map<string, AbortController>();

  return async (request, response, url) => {
    if (request.method !== 'PUT') {
      response.setHeader('allow', 'PUT');
      return refuse(request, response, { status: 405, code: 'INVALID_INPUT', message: 'Send the file by PUT.' });
    }
    const upload = await findBySignedUrl(url);
    if (!upload) {
      answerUnknownLink(response);
      return dropRest(request);
    }
    try {
      const stored = await store(upload, request);
      const status = upload.receivedAt === null ? 201 : 200;
      answerJson(response, status, { id: upload.id, byteSize: stored.byteSize, sha256: stored.sha256 });
    } catch (thrown) {
      const error = toError(thrown);
      // Nobody is left to read an answer.
      if (request.destroyed && !request.complete) return;
      const refusal = toRefusal(error);
      if (!refusal) throw error;
      refuse(request, response, refusal);
    }
  };

  async function findBySignedUrl(url: URL): Promise<Upload | null> {
    if (!signer.isValid({ method: 'PUT', url })) return null;
    const id = url.pathname.slice('/uploads/'.length);
    return await database.em().findOne(UploadEntity, { id, expiresAt: { $gt: new Date() } });
  }

  async function store(upload: Upload, request: IncomingMessage): Promise<StoredObject> {
    const { maxUploadBytes: maxBytes } = config;
    if (Number(request.headers['content-length'] ?? 0) > maxBytes) {
      throw new LimitExceededError(`An upload has at most ${maxBytes} bytes.`, { limit: maxBytes });
    }
    const turn = new AbortController();
    running.get(upload.id)?.abort(new NewerRequestError());
    running.set(upload.id, turn);
    const lines = createLineCounter();
    try {
      const stored = await storage.put(uploadKey(upload.id), readBody(request, lines.count), {
        maxBytes,
        sha256: upload.sha256 ?? undefined,
        signal: turn.signal,
      });
      await markReceived(upload, stored, lines.total());
      return stored;
    } finally {
      if (running.get(upload.id) === turn) running.delete(upload.id);
    }
  }

  async function markReceived(upload: Upload, { byteSize, sha256 }: StoredObject, lineCount: number | null) {
    const { id } = upload;
    const received = { byteSize, sha256, lineCount, receivedAt: upload.receivedAt ?? new Date() };
    const isThere = await database.em().nativeUpdate(UploadEntity, { id }, received);
    if (isThere > 0) return;
    // Its time was over while it was sent: the clean-up took the row, so nothing would ever find the file.
    await storage.delete(uploadKey(id));
    throw new NotFoundError(`Upload ${id} expired while its file was sent. Create another one.`);
  }
}

class NewerRequestError extends Error {
  override message = 'The file was sent again by a newer request.';
}

/**
 * The body, watched as it passes. Giving it up leaves the request open, so that a refusal still reaches the client; and it
 * can be given up while nothing comes, as an async generator could not.
 */
function readBody(request: IncomingMessage, watch: (bytes: Buffer) => void): Readable {
  const body = new Transform({
    transform(bytes: Buffer, _encoding, done) {
      watch(bytes);
      done(null, bytes);
    },
  });
  // A connection that breaks closes the request without an end.
  request.once('close', () => {
    if (!request.complete) body.destroy(new Error('The connection broke before the whole file was sent.'));
  });
  request.on('error', (error) => body.destroy(error));
  return request.pipe(body);
}

interface Refusal {
  status: number;
  code: string;
  message: string;
}

/** Null for what is no fault of the client. */
function toRefusal(error: Error): Refusal | null {
  if (error instanceof LimitExceededError) {
    return { status: 413, code: error.code, message: `${error.message} Compress it with gzip, or split it.` };
  }
  if (error instanceof NotFoundError) return { status: 404, code: error.code, message: error.message };
  if (error instanceof DomainError) {
    return { status: 422, code: error.code, message: `${error.message} Nothing was kept: send the file again.` };
  }
  if (error instanceof NewerRequestError) return { status: 409, code: 'CONFLICT', message: error.message };
  if ('code' in error && error.code === 'ENOSPC') {
    return {
      status: 507,
      code: 'STORAGE_FULL',
      message: 'The server has no space left. Nothing was kept: send the file again later.',
    };
  }
  return null;
}

function refuse(request: IncomingMessage, response: ServerResponse, { status, code, message }: Refusal): void {
  answerError(response, status, { message, extensions: { code } });
  dropRest(request);
}

/** How long a client that is still sending may take to notice its answer. */
const lingerMs = 2_000;

/**
 * Takes in and drops what is still being sent, for a while: closing at once would reset the connection before the client
 * has read its answer (RFC 9112, 9.6).
 */
function dropRest(request: IncomingMessage): void {
  if (request.complete || request.destroyed) return;
  const timer = setTimeout(() => request.destroy(), lingerMs);
  const stop = () => clearTimeout(timer);
  request.once('close', stop).once('end', stop).once('error', stop);
  request.resume();
}
