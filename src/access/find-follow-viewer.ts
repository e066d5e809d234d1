import type { Pool } from 'pg';
import { UnauthenticatedError } from '../domain/errors.ts';
import type { Viewer } from '../jobs/commands.ts';
import type { FollowGrant } from './follow-token.ts';

/** Whoever follows one job. @throws UnauthenticatedError when whoever made the token may no longer read, or the job is deleted */
export async function findFollowViewer(pool: Pool, grant: FollowGrant): Promise<Viewer> {
  const { projectId, jobId, by, expiresAt } = grant;
  const { rows } = await pool.query<{ project_name: string }>({
    name: 'find-follow-viewer',
    text: `
      select p.name as project_name
      from jobs j join projects p on p.id = j.project_id
      where j.id = $1 and j.project_id = $2 and j.deleted_at is null and case $3
        when 'USER' then exists (select from project_members m where m.project_id = j.project_id and m.user_id = $4)
        else exists (
          select from api_keys k where k.project_id = j.project_id and k.id::text = $4
            and k.revoked_at is null and (k.expires_at is null or k.expires_at > now()))
        end`,
    values: [jobId, projectId, by.kind, by.id],
  });
  const row = rows[0];
  if (row === undefined) {
    throw new UnauthenticatedError('This follow token has ended: with its job, or with the right of who made it.');
  }
  return {
    projectId,
    projectName: row.project_name,
    caller: { kind: 'FOLLOW_TOKEN', id: jobId, name: 'follow token' },
    scopes: [],
    jobId,
    expiresAt,
  };
}
