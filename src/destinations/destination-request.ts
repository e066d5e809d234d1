import { z } from 'zod';
import { assertName, invalid } from '../access/check-input.ts';
import type { Destination } from '../database/entities/destination.ts';
import { InvalidInputError, toError } from '../domain/errors.ts';
import { checkBucketName, isOrigin, toPrefix } from '../storage/storage-location.ts';

/** Exactly one of `s3`, `gcs` and `folder`. */
export interface DestinationRequest {
  name: string;
  s3?: S3Request | null;
  gcs?: GcsRequest | null;
  folder?: { folder: string } | null;
}

interface S3Request {
  bucket: string;
  prefix?: string | null;
  region?: string | null;
  /** Of a store that is not Amazon's. */
  endpoint?: string | null;
  accessKeyId: string;
  secretAccessKey: string;
}

interface GcsRequest {
  bucket: string;
  prefix?: string | null;
  /** The JSON file that Google gives for the key of a service account. */
  serviceAccountKey: string;
}

export type DestinationSettings = Pick<Destination, 'name' | 'kind' | 'bucket' | 'prefix' | 'region' | 'endpoint'>;

/** Null for a folder. */
export type DestinationCredentials =
  | { accessKeyId: string; secretAccessKey: string }
  | { clientEmail: string; privateKey: string };

export interface CheckedRequest {
  settings: DestinationSettings;
  credentials: DestinationCredentials | null;
}

/** @throws InvalidInputError that names the field */
export function checkDestinationRequest({ name, s3, gcs, folder }: DestinationRequest): CheckedRequest {
  assertName('name', name);
  const nothing = { name: name.trim(), prefix: '', region: null, endpoint: null };
  if (s3) {
    const place = {
      kind: 'S3' as const,
      ...checkPlace('s3', s3),
      region: checkRegion(s3),
      endpoint: checkEndpoint(s3),
    };
    const { accessKeyId, secretAccessKey } = s3;
    for (const [field, value] of Object.entries({ accessKeyId, secretAccessKey })) {
      if (!/^[\x21-\x7e]{1,256}$/.test(value)) throw invalid(field, 'must be 1 to 256 printable characters');
    }
    return { settings: { ...nothing, ...place }, credentials: { accessKeyId, secretAccessKey } };
  }
  if (gcs) {
    const settings = { ...nothing, kind: 'GCS' as const, ...checkPlace('gcs', gcs) };
    return { settings, credentials: readServiceAccount(gcs.serviceAccountKey) };
  }
  const bucket = folder?.folder ?? '';
  if (!/^[A-Za-z0-9_-][A-Za-z0-9._-]{0,99}$/.test(bucket)) {
    throw invalid('folder', 'must be one name of 1 to 100 letters, digits, ".", "_" and "-"');
  }
  return { settings: { ...nothing, kind: 'FOLDER', bucket }, credentials: null };
}

function checkPlace(kind: string, { bucket, prefix }: { bucket: string; prefix?: string | null }) {
  try {
    return { bucket: checkBucketName(bucket.trim()), prefix: toPrefix(prefix?.trim() ?? '') };
  } catch (thrown) {
    const { message } = toError(thrown);
    throw new InvalidInputError(message, [{ path: [kind], message, row: null, field: kind }]);
  }
}

/** It becomes a part of the host's name. */
function checkRegion({ region }: S3Request): string | null {
  const text = region?.trim() ?? '';
  if (text === '') return null;
  if (/^[a-z0-9-]{1,40}$/.test(text)) return text;
  throw invalid('region', 'must be like eu-central-1');
}

function checkEndpoint({ endpoint, region }: S3Request): string | null {
  const text = endpoint?.trim() ?? '';
  if (text === '') {
    if (!region?.trim()) throw invalid('region', 'is needed for a bucket of Amazon: like eu-central-1');
    return null;
  }
  if (isOrigin(text)) return text.replace(/\/$/, '');
  throw invalid('endpoint', 'must be like https://s3.example.com:9000, without a path');
}

const serviceAccount = z.object({
  type: z.literal('service_account'),
  client_email: z.email(),
  private_key: z.string().includes('PRIVATE KEY').max(10_000),
});

/** Takes only what it needs: the other fields name servers, and other types of such files programs to run. */
function readServiceAccount(text: string): DestinationCredentials {
  const parsed = serviceAccount.safeParse(parseJson(text));
  if (!parsed.success) {
    throw invalid(
      'serviceAccountKey',
      'must be the JSON file of a key of a service account, with "type": "service_account"',
    );
  }
  return { clientEmail: parsed.data.client_email, privateKey: parsed.data.private_key };
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}
