import type { Pool } from 'pg';
import { PermissionDeniedError } from '../domain/errors.ts';
import { scopesOf, type ProjectRole } from '../domain/scope.ts';
import type { Viewer } from '../jobs/commands.ts';
import type { UserClaims } from './user-token.ts';

interface Row {
  project_id: string;
  project_name: string;
  role: ProjectRole;
}

/** Projects of a user that an error names. */
const named = 20;

/**
 * The user in the project with this name or id, or in the only one that there is for the user.
 * @throws PermissionDeniedError, the same for a project of others as for none
 */
export async function findMemberViewer(pool: Pool, user: UserClaims, project: string | null): Promise<Viewer> {
  const { rows } = await pool.query<Row>({
    name: 'find-member-viewer',
    text: `
      select m.project_id, p.name as project_name, m.role
      from project_members m join projects p on p.id = m.project_id
      where m.user_id = $1 and ($2::text is null or p.name = $2 or p.id::text = lower($2))
      order by p.name limit $3`,
    values: [user.userId, project, named + 1],
  });
  const [row, ...others] = rows;
  if (row === undefined) {
    throw new PermissionDeniedError(
      project === null
        ? `The user ${JSON.stringify(user.userId)} is a member of no project.`
        : `The user ${JSON.stringify(user.userId)} is no member of a project ${JSON.stringify(project)}.`,
    );
  }
  if (others.length > 0) {
    const names = rows.slice(0, named).map((each) => JSON.stringify(each.project_name));
    throw new PermissionDeniedError(
      `Say which project with "Longhaul-Project: <name or id>". Yours are ${names.join(', ')}${rows.length > named ? ', …' : ''}.`,
    );
  }
  return {
    projectId: row.project_id,
    projectName: row.project_name,
    caller: { kind: 'USER', id: user.userId, name: user.name },
    scopes: scopesOf(row.role),
    jobId: null,
    expiresAt: user.expiresAt,
  };
}
