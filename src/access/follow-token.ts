import { hkdfSync } from 'node:crypto';
import { SignJWT, errors, jwtVerify } from 'jose';
import { z } from 'zod';
import { UnauthenticatedError, toError } from '../domain/errors.ts';

const prefix = 'lhf_';
const audience = 'longhaul follow token';

/** What a follow token shows, and on whose behalf. Ids are UUIDs, but for that of a user. */
export interface FollowGrant {
  projectId: string;
  jobId: string;
  /** Whose right to read the token stands on: it ends with that. */
  by: { kind: 'API_KEY' | 'USER'; id: string };
  expiresAt: Date;
}

/** Makes and reads follow tokens: nothing of them is stored. */
export interface FollowTokens {
  sign(grant: FollowGrant): Promise<string>;
  /** @throws UnauthenticatedError for what is no token of this server, or has expired */
  read(token: string): Promise<FollowGrant>;
}

/** True for what is shaped like one; whether it holds, `verify` says. */
export function isFollowToken(token: string): boolean {
  return token.startsWith(prefix);
}

/** Signs with HMAC-SHA256 under a key of their own, derived from the server's secret: a signed link is never a token. */
export function createFollowTokens(secret: string): FollowTokens {
  const key = new Uint8Array(hkdfSync('sha256', secret, '', audience, 32));
  return {
    async sign({ projectId, jobId, by, expiresAt }) {
      const token = await new SignJWT({ project: projectId, by })
        .setProtectedHeader({ alg: 'HS256' })
        .setSubject(jobId)
        .setAudience(audience)
        .setExpirationTime(expiresAt)
        .sign(key);
      return prefix + token;
    },
    async read(token) {
      try {
        const { payload } = await jwtVerify(token.slice(prefix.length), key, { algorithms: ['HS256'], audience });
        const { sub, project, by, exp } = claims.parse(payload);
        return { projectId: project, jobId: sub, by, expiresAt: new Date(exp * 1_000) };
      } catch (thrown) {
        const isOver = toError(thrown) instanceof errors.JWTExpired;
        throw new UnauthenticatedError(isOver ? 'This follow token has expired.' : 'This follow token is not known.');
      }
    },
  };
}

const claims = z.object({
  sub: z.uuid(),
  project: z.uuid(),
  by: z.object({ kind: z.enum(['API_KEY', 'USER']), id: z.string() }),
  exp: z.number(),
});
