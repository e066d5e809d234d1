import { createRemoteJWKSet, errors, type JWTVerifyGetKey } from 'jose';
import type { Logger } from 'pino';
import type { JwtConfig } from '../config/jwt-config.ts';
import { toError } from '../domain/errors.ts';
import { KeysUnavailableError } from './keys-unavailable-error.ts';

export interface KeyTimes {
  /** How often published keys are fetched again: so long a withdrawn one still works. */
  refreshMs: number;
  /** Least time between two requests for them, so that tokens with made-up keys cost no more. */
  pauseMs: number;
}

const defaultTimes: KeyTimes = { refreshMs: 10 * 60_000, pauseMs: 10_000 };

const timeoutMs = 5_000;

/**
 * The keys that users' tokens are checked with. Published ones (JWKS) are fetched at the first token, then every ten minutes
 * beside the work, and at once for a key that is new. While they cannot be fetched, those that are known go on.
 * The getter @throws KeysUnavailableError when the key is not known and cannot be asked for.
 */
export function createSigningKeys(
  keys: JwtConfig['keys'],
  log: Logger,
  times: KeyTimes = defaultTimes,
): JWTVerifyGetKey {
  if (keys.kind === 'secret') {
    const secret = new TextEncoder().encode(keys.secret);
    return async () => secret;
  }
  // It would refuse known keys that it cannot refresh, so when to fetch is said here.
  const published = createRemoteJWKSet(new URL(keys.url), {
    cacheMaxAge: Infinity,
    cooldownDuration: Infinity,
    timeoutDuration: timeoutMs,
  });
  let loading: Promise<void> | null = null;
  let triedAt = -Infinity;
  let failure: Error | null = null;

  async function load(): Promise<void> {
    triedAt = performance.now();
    try {
      await published.reload();
      failure = null;
    } catch (thrown) {
      failure = toError(thrown);
      log.warn({ event: 'jwks.unavailable', err: failure }, "The keys of users' tokens cannot be fetched.");
    }
  }

  /** Never throws: `failure` says how the last try ended. */
  async function refresh(afterMs: number): Promise<void> {
    if (loading === null && performance.now() < triedAt + afterMs) return;
    await (loading ??= load().finally(() => (loading = null)));
  }

  return async (header, token) => {
    if (published.jwks()) void refresh(times.refreshMs);
    else await refresh(times.pauseMs);
    if (!published.jwks()) throw new KeysUnavailableError(failure);
    try {
      return await published(header, token);
    } catch (thrown) {
      if (!(thrown instanceof errors.JWKSNoMatchingKey)) throw thrown;
      await refresh(times.pauseMs);
      if (failure !== null) throw new KeysUnavailableError(failure);
      return await published(header, token);
    }
  };
}
