import type { Readable } from 'node:stream';
import type { LinkOptions } from './storage.ts';

export interface BucketFile {
  key: string;
  byteSize: number;
  modifiedAt: Date;
}

export interface BucketRange {
  start: number;
  /** Included; to the end of the file when left out. */
  end?: number | undefined;
}

export interface OpenedFile {
  content: Readable;
  /** Tells this content of a key from a later one. */
  version: string;
}

export interface PutOptions {
  /** Only where there is nothing yet. */
  isNew: boolean;
  contentType: string | undefined;
  /** No more bytes will come; Infinity when nobody knows. */
  maxBytes: number;
  signal: AbortSignal | undefined;
}

/**
 * What the object stores of different makers have in common, and what each does its own way: the rest of a storage is made of
 * this (createBucketStorage). Keys are those of the bucket. Everything throws StorageProblemError when the store refuses or is away.
 */
export interface Bucket {
  /** Where it is, for people: "s3://name". */
  name: string;
  /** Stores the pieces whole, or nothing when they fail. @throws ConflictError when it was to be new and is not */
  put(key: string, pieces: AsyncIterable<Buffer>, options: PutOptions): Promise<void>;
  /** Puts stored parts together as one file, in one step, without reading them here. All but the last have at least 5 MiB. @throws NotFoundError when one is gone */
  join(parts: readonly string[], key: string): Promise<void>;
  /** Of one version alone when that is named. @throws NotFoundError when there is none */
  get(key: string, range?: BucketRange, version?: string): Promise<OpenedFile>;
  head(key: string): Promise<{ byteSize: number } | null>;
  list(
    prefix: string,
    page: { after: string | null; limit: number },
  ): Promise<{ files: BucketFile[]; next: string | null }>;
  /** Any number of them, in as few requests as the store allows. Nothing there is no error; what it keeps does not keep the others. */
  delete(keys: readonly string[]): Promise<void>;
  /** Forgets what dead writers began, before a moment if one is given, and never finished, of keys that begin with `prefix`. */
  deleteUnfinished(prefix: string, before: Date | null): Promise<void>;
  linkTo(key: string, options: LinkOptions): Promise<string>;
}
