import { timingSafeEqual } from 'node:crypto';
import type { Pool } from 'pg';
import { UnauthenticatedError } from '../domain/errors.ts';
import { withIncluded, type Scope } from '../domain/scope.ts';
import type { Viewer } from '../jobs/commands.ts';

interface Row {
  id: string;
  name: string;
  hash: string;
  project_id: string;
  project_name: string;
  scopes: Scope[];
  /** Milliseconds since 1970. */
  expires_ms: number | null;
  is_expired: boolean;
  is_use_noted: boolean;
}

/** Who holds the key with this hash, and notes once a minute that it is used. @throws UnauthenticatedError when it is unknown, revoked or expired */
export async function findKeyViewer(pool: Pool, hash: string): Promise<Viewer> {
  const { rows } = await pool.query<Row>({
    name: 'find-key-viewer',
    text: `
      select k.id, k.name, k.hash, k.project_id, p.name as project_name, k.scopes,
        (extract(epoch from k.expires_at) * 1000)::float8 as expires_ms,
        coalesce(k.expires_at <= now(), false) as is_expired,
        coalesce(k.last_used_at > now() - interval '1 minute', false) as is_use_noted
      from api_keys k join projects p on p.id = k.project_id
      where k.hash = $1 and k.revoked_at is null`,
    values: [hash],
  });
  const row = rows[0];
  // The index compared hashes already, and says in its time nothing of the key itself; this holds whatever the index does.
  if (row === undefined || !timingSafeEqual(Buffer.from(row.hash), Buffer.from(hash))) {
    throw new UnauthenticatedError('This API key is not known, or was revoked.');
  }
  if (row.is_expired) throw new UnauthenticatedError('This API key has expired.');
  if (!row.is_use_noted) await noteUse(pool, row.id);
  return {
    projectId: row.project_id,
    projectName: row.project_name,
    caller: { kind: 'API_KEY', id: row.id, name: row.name },
    scopes: withIncluded(row.scopes),
    jobId: null,
    expiresAt: row.expires_ms === null ? null : new Date(row.expires_ms),
  };
}

/** Asked again here: several processes may have seen that it is due. */
async function noteUse(pool: Pool, id: string): Promise<void> {
  await pool.query(
    `update api_keys set last_used_at = now()
     where id = $1 and (last_used_at is null or last_used_at <= now() - interval '1 minute')`,
    [id],
  );
}
