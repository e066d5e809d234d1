import type { Readable } from 'node:stream';

export interface StoredObject {
  byteSize: number;
  /** Lower-case hexadecimal. */
  sha256: string;
}

/** Where files are kept. Keys are relative paths of safe characters, made by us: "uploads/<id>". */
export interface Storage {
  /**
   * Stores a stream under `key`, whole or not at all: a crash leaves nothing readable. Replaces what was there.
   * @throws LimitExceededError past `maxBytes`, InvalidInputError when `sha256` does not match.
   */
  put(key: string, content: Readable, options?: { maxBytes?: number; sha256?: string; signal?: AbortSignal }): Promise<StoredObject>;
  /** @throws NotFoundError */
  get(key: string, range?: { start: number; end: number }): Promise<Readable>;
  /** Size in bytes, or null when there is nothing. */
  head(key: string): Promise<{ byteSize: number } | null>;
  /** Deletes what is there; nothing there is no error. */
  delete(key: string): Promise<void>;
}
