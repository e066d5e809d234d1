import { createHash } from 'node:crypto';
import type { Readable } from 'node:stream';
import { InvalidInputError, LimitExceededError, toError } from '../domain/errors.ts';
import type { DraftOptions, StoredObject, WriteOptions } from './storage.ts';

/** A content on its way into storage. */
export interface Intake {
  /** All bytes in order, once. Fails where what is promised of the content does not hold, at the latest behind its last byte. */
  pieces: AsyncIterable<Buffer>;
  /** What came so far. */
  stored(): StoredObject;
}

type IntakeOptions = WriteOptions & Pick<DraftOptions, 'watch'>;

/** Counts, hashes and bounds what comes `before` and then the content. */
export function takeIn(
  content: Readable,
  options: IntakeOptions,
  before: AsyncIterable<unknown> | null = null,
): Intake {
  const hash = createHash('sha256');
  let byteSize = 0;

  async function* check(stream: AsyncIterable<unknown>): AsyncGenerator<Buffer> {
    const { maxBytes = Infinity, watch } = options;
    for await (const piece of stream) {
      const bytes = toBytes(piece);
      byteSize += bytes.length;
      if (byteSize > maxBytes) {
        throw new LimitExceededError(`The file is larger than ${maxBytes} bytes.`, { limit: maxBytes });
      }
      hash.update(bytes);
      watch?.(bytes);
      yield bytes;
    }
  }

  async function* pieces(): AsyncGenerator<Buffer> {
    const { sha256: expected, signal } = options;
    // A source that hangs must not hold back an abort.
    const abort = () => content.destroy(toError(signal?.reason));
    signal?.addEventListener('abort', abort);
    try {
      signal?.throwIfAborted();
      if (before) yield* check(before);
      yield* check(content);
      signal?.throwIfAborted();
    } finally {
      signal?.removeEventListener('abort', abort);
    }
    const { sha256 } = stored();
    if (expected === undefined || expected === sha256) return;
    throw new InvalidInputError(`The content has the SHA-256 ${sha256}, but ${expected} was announced.`);
  }

  const stored = (): StoredObject => ({ byteSize, sha256: hash.copy().digest('hex') });
  return { pieces: pieces(), stored };
}

function toBytes(piece: unknown): Buffer {
  if (Buffer.isBuffer(piece)) return piece;
  if (typeof piece === 'string') return Buffer.from(piece);
  if (piece instanceof Uint8Array) return Buffer.from(piece.buffer, piece.byteOffset, piece.byteLength);
  throw new TypeError(`Storage takes bytes or text, not ${typeof piece}.`);
}
