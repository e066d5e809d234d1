import { createHash } from 'node:crypto';
import type { Logger } from 'pino';
import type { Config } from '../config.ts';
import type { Database } from '../database/database.ts';
import { PermissionDeniedError, UnauthenticatedError } from '../domain/errors.ts';
import type { Viewer } from '../jobs/commands.ts';
import { findKeyPrefix, hashApiKey } from './api-key.ts';
import { findFollowViewer } from './find-follow-viewer.ts';
import { findKeyViewer } from './find-key-viewer.ts';
import { findMemberViewer } from './find-member-viewer.ts';
import { createFollowTokens, isFollowToken } from './follow-token.ts';
import { createUserTokenReader } from './user-token.ts';

/** So long revoked credentials still work at most. */
const trustedMs = 5_000;

/** Credentials remembered at a time; the longest unused go first. */
const remembered = 10_000;

/** Longer than any token that a header carries. */
const longestToken = 16_384;

/** Says who sends a request. */
export interface Authenticator {
  /**
   * @param authorization "Bearer <key or token>", the value of the header
   * @param project name or id, which a user of several projects has to say
   * @throws UnauthenticatedError, PermissionDeniedError when the credentials are not for that project, KeysUnavailableError
   */
  authenticate(authorization: string | null | undefined, project?: string | null): Promise<Viewer>;
}

export interface AuthenticatorDeps {
  database: Database;
  config: Pick<Config, 'secret' | 'jwt'>;
  log: Logger;
}

/** Asks the database once in five seconds for each key, user or token that is in use, however many requests carry it. */
export function createAuthenticator({ database, config, log }: AuthenticatorDeps): Authenticator {
  const { pool } = database;
  const followTokens = createFollowTokens(config.secret);
  const readUserToken = config.jwt && createUserTokenReader(config.jwt, log);
  /** By hash, so that no key stays in memory; in the order of use. */
  const known = new Map<string, { viewer: Promise<Viewer>; until: number }>();

  function find(token: string, project: string | null): Promise<Viewer> {
    const name = createHash('sha256')
      .update(`${token}\n${project ?? ''}`)
      .digest('base64');
    const hit = known.get(name);
    known.delete(name);
    const entry =
      hit && hit.until > performance.now()
        ? hit
        : { viewer: identify(token, project), until: performance.now() + trustedMs };
    known.set(name, entry);
    // Neither a refusal nor an outage is remembered.
    entry.viewer.catch(() => {
      if (known.get(name) === entry) known.delete(name);
    });
    for (const oldest of known.keys()) {
      if (known.size <= remembered) break;
      known.delete(oldest);
    }
    return entry.viewer;
  }

  async function identify(token: string, project: string | null): Promise<Viewer> {
    if (findKeyPrefix(token) !== null) return assertProject(await findKeyViewer(pool, hashApiKey(token)), project);
    if (isFollowToken(token)) {
      return assertProject(await findFollowViewer(pool, await followTokens.read(token)), project);
    }
    if (readUserToken && token.split('.').length === 3) {
      return await findMemberViewer(pool, await readUserToken(token), project);
    }
    throw new UnauthenticatedError('The Authorization header must be "Bearer lh_<12 characters>_<43 characters>".');
  }

  return {
    async authenticate(authorization, project) {
      if (!authorization) throw new UnauthenticatedError();
      const token = /^Bearer +(\S+) *$/i.exec(authorization)?.[1] ?? '';
      if (token.length > longestToken) throw new UnauthenticatedError('The token is too long.');
      const viewer = await find(token, project || null);
      // It may have been found up to five seconds ago.
      if (viewer.expiresAt && viewer.expiresAt <= new Date()) {
        throw new UnauthenticatedError('The credentials have expired.');
      }
      return viewer;
    },
  };
}

/** A key or a follow token is for one project, which need not be said, but not said wrong either. */
function assertProject(viewer: Viewer, project: string | null): Viewer {
  if (project === null || project === viewer.projectName || project.toLowerCase() === viewer.projectId) return viewer;
  throw new PermissionDeniedError(`The credentials are not for a project ${JSON.stringify(project.slice(0, 100))}.`);
}

/** True when it was said that the credentials don't hold, and not that this cannot be found out. */
export function isRefusal(error: Error): boolean {
  return error instanceof UnauthenticatedError || error instanceof PermissionDeniedError;
}
