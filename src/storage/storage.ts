import type { Readable } from 'node:stream';

export interface StoredObject {
  byteSize: number;
  /** Lower-case hexadecimal. */
  sha256: string;
}

/** Where files are kept. Keys are relative paths of safe characters, made by us: "uploads/<id>". A key that holds a file has no keys below it. */
export interface Storage {
  /**
   * Stores a stream under `key`, whole or not at all: a crash leaves nothing readable. Replaces what was there.
   * @throws LimitExceededError past `maxBytes`, InvalidInputError when `sha256` does not match.
   */
  put(
    key: string,
    content: Readable,
    options?: { maxBytes?: number; sha256?: string; signal?: AbortSignal },
  ): Promise<StoredObject>;
  /** `range` is in bytes, both ends included. @throws NotFoundError */
  get(key: string, range?: { start: number; end: number }): Promise<Readable>;
  /** Size in bytes, or null when there is nothing. */
  head(key: string): Promise<{ byteSize: number } | null>;
  /** Deletes what is under `key`, and below it: "exports/<id>" takes "exports/<id>/1" along. Nothing there is no error. */
  delete(key: string): Promise<void>;
  /** Deletes what writers that died left half-written. */
  deleteAbandoned(): Promise<void>;
}
