import type { Agent as HttpAgent } from 'node:http';
import type { Agent as HttpsAgent } from 'node:https';
import { S3Client } from '@aws-sdk/client-s3';

export interface S3Options {
  bucket: string;
  /** Null: that of the environment; any will do for a store that is not Amazon's. */
  region: string | null;
  /** Of a store that is not Amazon's. */
  endpoint: string | null;
  /** Those of the environment unless given. */
  credentials?: { accessKeyId: string; secretAccessKey: string };
  /** Connections go through these. */
  agents?: { httpAgent: HttpAgent; httpsAgent: HttpsAgent };
}

const connectMs = 10_000;
const idleMs = 60_000;

export function createS3Client({ region, endpoint, credentials, agents }: S3Options): S3Client {
  return new S3Client({
    ...(region !== null ? { region } : endpoint ? { region: 'us-east-1' } : {}),
    // The SDK writes into what it is given.
    ...(credentials ? { credentials: { ...credentials } } : {}),
    requestHandler: { connectionTimeout: connectMs, socketTimeout: idleMs, ...agents },
    // Others than Amazon do not know the checksums that the SDK adds, and a signed link to PUT would carry that of nothing.
    requestChecksumCalculation: 'WHEN_REQUIRED',
    responseChecksumValidation: 'WHEN_REQUIRED',
    // Nor do they know buckets as names of hosts.
    ...(endpoint ? { endpoint, forcePathStyle: true } : {}),
  });
}
