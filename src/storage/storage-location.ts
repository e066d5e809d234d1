import { InvalidInputError } from '../domain/errors.ts';
import { isStorageKey } from './storage-key.ts';

/** Where the files of an installation are kept. */
export type StorageLocation = { kind: 'LOCAL' } | BucketLocation;

export interface BucketLocation {
  kind: 'S3' | 'GCS';
  bucket: string;
  /** "" or like "longhaul/". */
  prefix: string;
  /** Null: as the SDK finds it. GCS has none. */
  region: string | null;
  /** Of a server that is not Amazon's or Google's. */
  endpoint: string | null;
  /** DIRECT: clients are sent to the bucket for downloads. */
  downloads: 'DIRECT' | 'SERVER';
}

const form =
  'must be "local", "s3://bucket/prefix?region=…&endpoint=…" or "gs://bucket/prefix", with downloads=direct or downloads=server where that is meant';
const kinds = { 's3:': 'S3', 'gs:': 'GCS' } as const;
const parameters = ['region', 'endpoint', 'downloads'];

/** @throws InvalidInputError that says how it is written */
export function parseStorageLocation(text: string): StorageLocation {
  if (text === 'local') return { kind: 'LOCAL' };
  const url = URL.parse(text);
  const kind = url?.protocol === 's3:' || url?.protocol === 'gs:' ? kinds[url.protocol] : null;
  if (!url || kind === null) throw new InvalidInputError(`${form}, not ${JSON.stringify(text)}`);
  const unknown = [...url.searchParams.keys()].find((name) => !parameters.includes(name));
  if (unknown !== undefined) throw new InvalidInputError(`${form}; there is no parameter ${JSON.stringify(unknown)}`);
  const bucket = checkBucketName(url.host);
  const prefix = toPrefix(decodeURIComponent(url.pathname));
  const endpoint = url.searchParams.get('endpoint');
  if (endpoint !== null && !isOrigin(endpoint)) {
    throw new InvalidInputError(`endpoint must be like https://host:port, not ${JSON.stringify(endpoint)}`);
  }
  const downloads = url.searchParams.get('downloads') ?? (endpoint === null ? 'direct' : 'server');
  if (downloads !== 'direct' && downloads !== 'server') throw new InvalidInputError(form);
  return {
    kind,
    bucket,
    prefix,
    region: url.searchParams.get('region'),
    endpoint,
    downloads: downloads === 'direct' ? 'DIRECT' : 'SERVER',
  };
}

/** What S3 and Google allow both, and other stores too. @throws InvalidInputError */
export function checkBucketName(name: string): string {
  if (/^[a-z0-9][a-z0-9._-]{1,61}[a-z0-9]$/.test(name)) return name;
  throw new InvalidInputError(
    `${JSON.stringify(name)} is no name of a bucket: it needs 3 to 63 lower-case letters, digits, ".", "_" and "-".`,
  );
}

/** "" or the folder that was named, with a slash at its end. @throws InvalidInputError */
export function toPrefix(text: string): string {
  const path = text.replace(/^\/+|\/+$/g, '');
  if (path === '') return '';
  if (path.length <= 500 && isStorageKey(path)) return `${path}/`;
  throw new InvalidInputError(
    `${JSON.stringify(text)} is no prefix: it needs at most 500 letters, digits, ".", "_" and "-", with slashes between.`,
  );
}

/** A scheme, a host, and a port when it is not the usual one; no path, no user. */
export function isOrigin(text: string): boolean {
  const url = URL.parse(text);
  return url !== null && /^https?:$/.test(url.protocol) && url.origin === text.replace(/\/$/, '');
}
