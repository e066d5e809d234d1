import type { IncomingMessage, ServerResponse } from 'node:http';
import { PassThrough, type Readable } from 'node:stream';
import type { Config } from '../config.ts';
import type { Database } from '../database/database.ts';
import { UploadEntity, type Upload } from '../database/entities/upload.ts';
import { lockUpload } from '../database/sql/lock-upload.ts';
import { markUploadReceived } from '../database/sql/mark-upload-received.ts';
import {
  ConflictError,
  DomainError,
  InvalidInputError,
  LimitExceededError,
  NotFoundError,
  toError,
} from '../domain/errors.ts';
import { uploadKey } from '../sources/source-file.ts';
import { answerError, answerJson, answerUnknownLink } from '../answer.ts';
import type { UrlSigner } from '../storage/signed-url.ts';
import type { Draft, Storage } from '../storage/storage.ts';
import { parseContentRange, type ContentRange } from './content-range.ts';
import { createLineCounter } from './line-counter.ts';

/**
 * Serves signed upload links. PUT takes the file: 201, or 200 when the same content was there already, with { id, byteSize,
 * sha256 }. A connection that breaks leaves what came: HEAD tells how far it is (`upload-offset`), and a PUT with
 * `content-range: bytes <first>-<last>/<total>` goes on there; until the last byte is there the answer is 308 with a `range`.
 * A received file never changes: a job may be reading it. A refusal leaves nothing behind and is answered in GraphQL's
 * shape, { errors: [{ message, extensions }] }. @throws Error what is no refusal, unanswered
 */
export type UploadReceiver = (request: IncomingMessage, response: ServerResponse, url: URL) => Promise<void>;

interface ReceiverDeps {
  database: Database;
  storage: Storage;
  signer: UrlSigner;
  config: Pick<Config, 'maxUploadBytes'>;
}

type ReceivedFile = Pick<Upload, 'byteSize' | 'sha256'>;

/** Answers signed links by which clients send files, and ask how far they are. */
export function createUploadReceiver({ database, storage, signer, config }: ReceiverDeps): UploadReceiver {
  /** A client whose connection hangs sends again: the newer request takes over from the older one. */
  const running = new Map<string, { turn: AbortController; ended: Promise<void> }>();

  return async (request, response, url) => {
    if (request.method !== 'PUT' && request.method !== 'HEAD') {
      response.setHeader('allow', 'PUT, HEAD');
      return refuse(request, response, { status: 405, code: 'INVALID_INPUT', message: 'Send the file by PUT.' });
    }
    const upload = await findBySignedUrl(url);
    if (!upload) {
      answerUnknownLink(response);
      return dropRest(request);
    }
    if (request.method === 'HEAD') return await answerOffset(upload, response);
    try {
      const file = await receive(upload, request);
      if ('offset' in file) return answerIncomplete(response, file.offset);
      const status = upload.receivedAt === null ? 201 : 200;
      answerJson(response, status, { id: upload.id, byteSize: file.byteSize, sha256: file.sha256 });
      dropRest(request);
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

  async function answerOffset(upload: Upload, response: ServerResponse): Promise<void> {
    const offset = upload.receivedAt ? (upload.byteSize ?? 0) : await storage.draftSize(uploadKey(upload.id));
    response.writeHead(200, {
      'upload-offset': offset,
      'upload-complete': upload.receivedAt ? '?1' : '?0',
      'content-length': 0,
      'cache-control': 'no-store',
    });
    response.end();
  }

  /** The whole file, or how much of it is there. */
  async function receive(upload: Upload, request: IncomingMessage): Promise<ReceivedFile | { offset: number }> {
    const range = readRange(request);
    const { maxUploadBytes: maxBytes } = config;
    const announced = Math.max(Number(request.headers['content-length'] ?? 0), range?.total ?? 0);
    if (announced > maxBytes) {
      throw new LimitExceededError(`An upload has at most ${maxBytes} bytes.`, { limit: maxBytes });
    }
    if (!range) return await inTurn(upload, (signal) => write(upload, request, { offset: 0, signal }));
    if (upload.receivedAt) return assertSameSize(upload, range);
    return await inTurn(upload, async (signal) => {
      const offset = await storage.draftSize(uploadKey(upload.id));
      if (range.start === null) {
        // Killed between the last byte and the answer: nothing is missing but the end.
        return offset === range.total ? await write(upload, request, { offset, signal }) : { offset };
      }
      const isLast = range.total !== null && range.end === range.total - 1;
      return await write(upload, request, { offset: range.start, signal, isLast });
    });
  }

  async function inTurn<T>(upload: Upload, work: (signal: AbortSignal) => Promise<T>): Promise<T> {
    const turn = new AbortController();
    const ended = Promise.withResolvers<void>();
    const older = running.get(upload.id);
    running.set(upload.id, { turn, ended: ended.promise });
    older?.turn.abort(new NewerRequestError());
    try {
      await older?.ended;
      return await work(turn.signal);
    } finally {
      ended.resolve();
      if (running.get(upload.id)?.turn === turn) running.delete(upload.id);
    }
  }

  async function write(
    upload: Upload,
    request: IncomingMessage,
    { offset, signal, isLast = true }: { offset: number; signal: AbortSignal; isLast?: boolean },
  ): Promise<ReceivedFile | { offset: number }> {
    const lines = createLineCounter();
    const draft = await storage.write(uploadKey(upload.id), readBody(request), {
      offset,
      maxBytes: config.maxUploadBytes,
      signal,
      watch: lines.count,
    });
    if (!isLast) return { offset: draft.byteSize };
    return await complete(upload.id, draft, lines.total());
  }

  /** Under the lock of its row, so that of two writers one is first and the other is held to what is there. */
  async function complete(id: string, draft: Draft, lineCount: number | null): Promise<ReceivedFile> {
    const { byteSize, sha256 } = draft;
    try {
      await database.transaction(async (client) => {
        const upload = await lockUpload(client, id);
        if (!upload) throw new NotFoundError(`Upload ${id} expired while its file was sent. Create another one.`);
        if (upload.sha256 !== null && upload.sha256 !== sha256) {
          throw new InvalidInputError(
            `The content has the SHA-256 ${sha256}, but ${upload.sha256} was announced. Nothing was kept: send the file again.`,
          );
        }
        if (upload.receivedAt) return await draft.discard();
        await draft.publish();
        await markUploadReceived(client, { id, byteSize, sha256, lineCount });
      });
    } catch (error) {
      if (error instanceof DomainError) await draft.discard();
      throw error;
    }
    return { byteSize, sha256 };
  }
}

/** @throws InvalidInputError */
function readRange({ headers }: IncomingMessage): ContentRange | null {
  const header = headers['content-range'];
  if (header === undefined) return null;
  const range = parseContentRange(header);
  if (!range) {
    throw new InvalidInputError(
      `The header content-range must be like "bytes 500-999/1000", not ${JSON.stringify(header)}.`,
    );
  }
  const length = range.start === null || range.end === null ? 0 : range.end - range.start + 1;
  if (Number(headers['content-length'] ?? 0) === length) return range;
  throw new InvalidInputError(`The range has ${length} bytes: send just as many, and say so in content-length.`);
}

/** Of a client that did not get the last answer. */
function assertSameSize({ id, byteSize, sha256 }: Upload, { total }: ContentRange): ReceivedFile {
  if (total === null || total === byteSize) return { byteSize, sha256 };
  throw new ConflictError(`Upload ${id} was received already, with ${byteSize} bytes, not ${total}.`);
}

/** As Google Cloud Storage answers in a resumable upload; without a range nothing is there yet. */
function answerIncomplete(response: ServerResponse, offset: number): void {
  response.writeHead(308, {
    ...(offset > 0 ? { range: `bytes=0-${offset - 1}` } : {}),
    'upload-offset': offset,
    'content-length': 0,
    'cache-control': 'no-store',
  });
  response.end();
}

class NewerRequestError extends Error {
  override message = 'The file was sent again by a newer request.';
}

/**
 * The body. Giving it up leaves the request open, so that a refusal still reaches the client; and it
 * can be given up while nothing comes, as an async generator could not.
 */
function readBody(request: IncomingMessage): Readable {
  const body = new PassThrough();
  // A connection that breaks closes the request without an end.
  const giveUp = () => {
    if (!request.complete) body.destroy(new Error('The connection broke before the whole file was sent.'));
  };
  if (request.closed) giveUp();
  request.once('close', giveUp);
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
  if (error instanceof ConflictError) return { status: 409, code: error.code, message: error.message };
  if (error instanceof DomainError) return { status: 422, code: error.code, message: error.message };
  if (error instanceof NewerRequestError) return { status: 409, code: 'CONFLICT', message: error.message };
  if ('code' in error && error.code === 'ENOSPC') {
    return {
      status: 507,
      code: 'STORAGE_FULL',
      message: 'The server has no space left. Go on later, where HEAD on this link says.',
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
