import { PermissionDeniedError } from '../domain/errors.ts';
import { seal, unseal } from './seal.ts';

const purpose = 'google refresh token';

/** Encrypts what Google gave to act for a user, for the one account that it is of. */
export function sealRefreshToken(secret: string, accountId: string, token: string): string {
  return seal(secret, { purpose, owner: accountId }, token);
}

/** @throws PermissionDeniedError when it was sealed under another secret */
export function unsealRefreshToken(secret: string, accountId: string, sealed: string): string {
  try {
    return unseal(secret, { purpose, owner: accountId }, sealed);
  } catch {
    throw new PermissionDeniedError(
      'The Google account was connected under another LONGHAUL_SECRET: connect it again with connectGoogleAccount and its accountId.',
      'ACCOUNT_REVOKED',
    );
  }
}
