import { InvalidInputError } from '../domain/errors.ts';
import type { Settings } from './settings.ts';

/** Whose tokens name users. The algorithms are all for the kind of key that there is. */
export interface JwtConfig {
  issuer: string;
  audience: string;
  algorithms: readonly string[];
  keys: { kind: 'secret'; secret: string } | { kind: 'published'; url: string };
}

const publicKeyAlgorithms = ['RS256', 'RS384', 'RS512', 'PS256', 'PS384', 'PS512', 'ES256', 'ES384', 'ES512', 'EdDSA'];
const secretAlgorithms = ['HS256', 'HS384', 'HS512'];

/**
 * Null when no variable is set. A public key can never be taken for a secret: its algorithms are not allowed beside one.
 * @throws InvalidInputError when a variable is missing or an algorithm is none for the kind of key.
 */
export function readJwtConfig(values: Settings): JwtConfig | null {
  const {
    LONGHAUL_JWT_ISSUER: issuer,
    LONGHAUL_JWT_AUDIENCE: audience,
    LONGHAUL_JWT_SECRET: secret,
    LONGHAUL_JWT_JWKS_URL: url,
    LONGHAUL_JWT_ALGORITHMS: named,
  } = values;
  if ([issuer, audience, secret, url, named].every((value) => value === undefined)) return null;
  if (issuer === undefined || audience === undefined || (secret === undefined) === (url === undefined)) {
    throw new InvalidInputError(
      "For users' tokens set LONGHAUL_JWT_ISSUER, LONGHAUL_JWT_AUDIENCE and either LONGHAUL_JWT_JWKS_URL or LONGHAUL_JWT_SECRET.",
    );
  }
  const possible = secret === undefined ? publicKeyAlgorithms : secretAlgorithms;
  const algorithms =
    named?.split(',').map((name) => name.trim()) ?? (secret === undefined ? ['RS256', 'ES256'] : ['HS256']);
  const wrong = algorithms.filter((name) => !possible.includes(name));
  if (wrong.length > 0) {
    const keys = secret === undefined ? 'public keys' : 'a secret';
    throw new InvalidInputError(
      `LONGHAUL_JWT_ALGORITHMS: ${JSON.stringify(wrong[0])} is none of the algorithms for ${keys}: ${possible.join(', ')}.`,
    );
  }
  return {
    issuer,
    audience,
    algorithms,
    keys: secret !== undefined ? { kind: 'secret', secret } : { kind: 'published', url: url ?? '' },
  };
}
