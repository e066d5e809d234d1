import { timingSafeEqual } from 'node:crypto';
import type { Database } from '../database/database.ts';
import { UnauthenticatedError } from '../domain/errors.ts';
import type { Viewer } from '../jobs/commands.ts';
import { findKeyPrefix, hashApiKey } from './api-key.ts';

/** So long a revoked key still works at most. */
const trustedMs = 5_000;

/** Keys remembered at a time; the longest unused go first. */
const remembered = 10_000;

/** Says who sends a request. */
export interface Authenticator {
  /** @param authorization "Bearer <key>", the value of the header. @throws UnauthenticatedError */
  authenticate(authorization: string | null | undefined): Promise<Viewer>;
}

/** Asks the database once in five seconds for each key that is in use, however many requests carry it. */
export function createAuthenticator({ database }: { database: Database }): Authenticator {
  /** By hash, so that no key stays in memory; in the order of use. */
  const known = new Map<string, { viewer: Promise<Viewer>; until: number }>();

  function find(hash: string): Promise<Viewer> {
    const hit = known.get(hash);
    known.delete(hash);
    const entry =
      hit && hit.until > performance.now() ? hit : { viewer: read(hash), until: performance.now() + trustedMs };
    known.set(hash, entry);
    // Neither a wrong key nor an outage is remembered.
    entry.viewer.catch(() => {
      if (known.get(hash) === entry) known.delete(hash);
    });
    for (const oldest of known.keys()) {
      if (known.size <= remembered) break;
      known.delete(oldest);
    }
    return entry.viewer;
  }

  async function read(hash: string): Promise<Viewer> {
    const { rows } = await database.pool.query<{
      id: string;
      name: string;
      hash: string;
      project_id: string;
      project_name: string;
    }>({
      name: 'authenticate',
      text: `
        select k.id, k.name, k.hash, k.project_id, p.name as project_name
        from api_keys k join projects p on p.id = k.project_id
        where k.hash = $1 and k.revoked_at is null`,
      values: [hash],
    });
    const row = rows[0];
    // The index compared hashes already, and says in its time nothing of the key itself; this holds whatever the index does.
    if (row === undefined || !timingSafeEqual(Buffer.from(row.hash), Buffer.from(hash))) {
      throw new UnauthenticatedError('This API key is not known, or was revoked.');
    }
    return { projectId: row.project_id, projectName: row.project_name, apiKeyId: row.id, apiKeyName: row.name };
  }

  return {
    async authenticate(authorization) {
      if (!authorization) throw new UnauthenticatedError();
      const key = /^Bearer +(\S+) *$/i.exec(authorization)?.[1];
      if (key === undefined || findKeyPrefix(key) === null) {
        throw new UnauthenticatedError('The Authorization header must be "Bearer lh_<12 characters>_<43 characters>".');
      }
      return await find(hashApiKey(key));
    },
  };
}
