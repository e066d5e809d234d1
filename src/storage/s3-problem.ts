import { S3ServiceException } from '@aws-sdk/client-s3';
import type { StorageProblem } from '../domain/destination.ts';

const byName: Record<string, StorageProblem> = {
  NoSuchBucket: 'NO_BUCKET',
  InvalidBucketName: 'NO_BUCKET',
  PermanentRedirect: 'WRONG_REGION',
  AuthorizationHeaderMalformed: 'WRONG_REGION',
  InvalidAccessKeyId: 'WRONG_CREDENTIALS',
  SignatureDoesNotMatch: 'WRONG_CREDENTIALS',
  ExpiredToken: 'WRONG_CREDENTIALS',
  InvalidToken: 'WRONG_CREDENTIALS',
  CredentialsProviderError: 'WRONG_CREDENTIALS',
  AccessDenied: 'NO_PERMISSION',
  RequestTimeTooSkewed: 'CLOCK_SKEW',
  InternalError: 'UNREACHABLE',
  ServiceUnavailable: 'UNREACHABLE',
  SlowDown: 'UNREACHABLE',
};

const unreachable =
  /^(ECONN|ENOTFOUND|EAI_|EPIPE|ETIMEDOUT|EHOST|ENET|CERT_|DEPTH_ZERO|SELF_SIGNED|UNABLE_TO|ERR_TLS|EPROTO)/;

/** What an error of the SDK means; null for one that is none of its own. */
export function findS3Problem(error: Error): StorageProblem | null {
  const known = byName[error.name];
  if (known) return known;
  // The filtering agent has no class of its own for its refusals.
  if (error.message.includes('is not allowed. Because')) return 'FORBIDDEN_ADDRESS';
  if (error instanceof S3ServiceException) {
    const status = error.$metadata.httpStatusCode ?? 0;
    if (status >= 500 || status === 429) return 'UNREACHABLE';
    if (status === 301) return 'WRONG_REGION';
    // The answer to HEAD has no body that could say more.
    if (status === 403) return 'NO_PERMISSION';
    return 'OTHER';
  }
  const code = 'code' in error ? String(error.code) : '';
  return error.name === 'TimeoutError' || unreachable.test(code) ? 'UNREACHABLE' : null;
}
