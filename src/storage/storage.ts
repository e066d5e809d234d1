import type { Readable } from 'node:stream';

export interface StoredObject {
  byteSize: number;
  /** Lower-case hexadecimal. */
  sha256: string;
}

export interface WriteOptions {
  maxBytes?: number;
  /** Lower-case hexadecimal. */
  sha256?: string;
  signal?: AbortSignal;
  /** Kept where the storage keeps it, for those who read the file without us. */
  contentType?: string;
}

export interface DraftOptions extends Omit<WriteOptions, 'sha256' | 'contentType'> {
  /** Goes on behind so many bytes of the unfinished draft, which this one replaces; 0 begins anew. */
  offset?: number;
  /** Sees every byte of the whole content in order, those of the earlier draft too. */
  watch?(bytes: Buffer): void;
}

/** A file that is written but that nobody can read yet. Left alone, it waits for a later draft to go on with it. */
export interface Draft extends StoredObject {
  /** Makes it readable under its key, in place of what was there. @throws ConflictError when a newer writer began anew */
  publish(): Promise<void>;
  discard(): Promise<void>;
}

export interface StoredFile {
  key: string;
  byteSize: number;
  modifiedAt: Date;
}

/** Some of the files below a key, in no promised order. */
export interface FilePage {
  files: StoredFile[];
  /** Where the next page begins; null behind the last one. */
  next: string | null;
}

export interface LinkOptions {
  method: 'GET' | 'PUT';
  expiresAt: Date;
  /** For GET: the name under which a browser keeps the file. */
  fileName?: string;
  /** For GET what the answer says; for PUT what has to be sent. */
  contentType?: string;
}

/** Where files are kept. Keys are relative paths of safe characters, made by us: "uploads/<id>". A key that holds a file has no keys below it. */
export interface Storage {
  /**
   * Stores a stream under `key`, whole or not at all: a crash leaves nothing readable. Replaces what was there.
   * @throws LimitExceededError past `maxBytes`, InvalidInputError when `sha256` does not match.
   */
  put(key: string, content: Readable, options?: WriteOptions): Promise<StoredObject>;
  /** As `put`, but of several writers at once one is first. @throws ConflictError when there is a file */
  putIfAbsent(key: string, content: Readable, options?: WriteOptions): Promise<StoredObject>;
  /**
   * Writes a stream that may come in several pieces, over several connections and processes. When the stream breaks, or the
   * process is killed, what came is kept for a later draft. Each writer writes a file of its own: two cannot mix their bytes.
   * @throws LimitExceededError past `maxBytes`, ConflictError when fewer than `offset` bytes are there: then nothing is lost
   */
  write(key: string, content: Readable, options?: DraftOptions): Promise<Draft>;
  /** Bytes of the largest unfinished draft under `key`; 0 when there is none. */
  draftSize(key: string): Promise<number>;
  /** `range` is in bytes, both ends included. @throws NotFoundError */
  get(key: string, range?: { start: number; end: number }): Promise<Readable>;
  /** Size in bytes, or null when there is nothing. */
  head(key: string): Promise<{ byteSize: number } | null>;
  /** Files below `key`, page by page; `after` is what the page before gave as `next`. Drafts are no files. */
  list(key: string, page?: { after?: string | null; limit?: number }): Promise<FilePage>;
  /** Deletes what is under `key`, its drafts, and what is below it: "exports/<id>" takes "exports/<id>/1" along. Nothing there is no error. */
  delete(key: string): Promise<void>;
  /** Deletes files by their keys, and nothing beside or below them, in as few requests as the storage allows. Nothing there is no error. */
  deleteFiles(keys: readonly string[]): Promise<void>;
  /** Deletes what `put` left half-written of a key whose writers are dead: one that is not is made to fail. */
  deleteUnfinished(key: string): Promise<void>;
  /** Deletes what writers that died left half-written, and drafts that nobody goes on with. */
  deleteAbandoned(): Promise<void>;
  /** A link straight to where the file lies, which carries its own permission; null where only this server can give the file. */
  linkTo(key: string, options: LinkOptions): Promise<string | null>;
}
