import { errors, jwtVerify, type JWTPayload } from 'jose';
import type { Logger } from 'pino';
import { z } from 'zod';
import type { JwtConfig } from '../config/jwt-config.ts';
import { UnauthenticatedError, toError } from '../domain/errors.ts';
import { createSigningKeys, type KeyTimes } from './signing-keys.ts';

/** How far the clocks of whoever signs and of this server may be apart. */
const clockToleranceSeconds = 30;

/** What a user's token says. */
export interface UserClaims {
  /** The claim `sub`. */
  userId: string;
  /** The claim `name`, else `email`, else `sub`. */
  name: string;
  /** From when on the token is refused: the claim `exp`, with the tolerance for clocks. */
  expiresAt: Date;
}

/** Reads the tokens of users. @throws UnauthenticatedError that says what is wrong with it, KeysUnavailableError */
export type UserTokenReader = (token: string) => Promise<UserClaims>;

/**
 * Tokens are JWTs by one issuer, for one audience, signed by one of the named algorithms, and they expire. The algorithms
 * belong to one kind of key, a secret or public keys, which readConfig sees to: so nobody can pass a public key off as a secret.
 */
export function createUserTokenReader(config: JwtConfig, log: Logger, times?: KeyTimes): UserTokenReader {
  const { algorithms, issuer, audience } = config;
  const getKey = createSigningKeys(config.keys, log, times);
  const options = {
    algorithms: [...algorithms],
    issuer,
    audience,
    clockTolerance: clockToleranceSeconds,
    requiredClaims: ['exp', 'sub'],
  };

  return async (token) => {
    try {
      const { payload } = await jwtVerify(token, getKey, options);
      return toClaims(payload);
    } catch (thrown) {
      throw toRefusal(toError(thrown));
    }
  };
}

/** They are stored, and shown in lists and journals. */
const storable = z
  .string()
  .trim()
  .min(1)
  .max(255)
  .regex(/^\P{Cc}+$/u);

const claims = z.object({
  sub: storable,
  exp: z.number(),
  name: storable.optional().catch(undefined),
  email: storable.optional().catch(undefined),
});

function toClaims(payload: JWTPayload): UserClaims {
  const parsed = claims.safeParse(payload);
  if (!parsed.success) {
    throw new UnauthenticatedError('The claim "sub" of the token must be text of 1 to 255 characters.');
  }
  const { sub, exp, name, email } = parsed.data;
  return {
    userId: sub,
    name: name ?? email ?? sub,
    expiresAt: new Date((exp + clockToleranceSeconds) * 1_000),
  };
}

/** A refusal says which claim or part is wrong, never what would be right. */
function toRefusal(error: Error): Error {
  if (error instanceof errors.JWTExpired) return new UnauthenticatedError('The token has expired.');
  if (error instanceof errors.JWTClaimValidationFailed) {
    return new UnauthenticatedError(`The claim "${error.claim}" of the token is missing or not the expected one.`);
  }
  if (error instanceof errors.JWKSNoMatchingKey || error instanceof errors.JWKSMultipleMatchingKeys) {
    return new UnauthenticatedError('The token is signed by a key that is not known.');
  }
  if (error instanceof errors.JOSEAlgNotAllowed) {
    return new UnauthenticatedError('The token is signed by an algorithm that is not allowed.');
  }
  if (error instanceof errors.JWSSignatureVerificationFailed) {
    return new UnauthenticatedError('The signature of the token is wrong.');
  }
  if (error instanceof errors.JOSEError) return new UnauthenticatedError('The token cannot be read.');
  return error;
}
