import type { Database } from '../database/database.ts';
import { ProjectMemberEntity, type ProjectMember } from '../database/entities/project-member.ts';
import { NotFoundError } from '../domain/errors.ts';
import type { ProjectRole } from '../domain/scope.ts';
import { toPage, type Page, type PageRequest } from '../jobs/reads/page.ts';
import { assertName, invalid } from './check-input.ts';

export interface MemberRequest {
  /** What the user's tokens have as `sub`, to the letter. */
  userId: string;
  name: string | null;
  role: ProjectRole;
}

/** Adds a user to a project, or gives a member another role. @throws InvalidInputError */
export async function addMember(
  database: Database,
  projectId: string,
  { userId, name, role }: MemberRequest,
): Promise<ProjectMember> {
  if (userId !== userId.trim() || !/^[^\p{Cc}\p{Cs}]{1,255}$/u.test(userId)) {
    throw invalid('userId', 'must be the claim "sub" of the user: 1 to 255 characters');
  }
  if (name !== null) assertName('name', name);
  await database.pool.query(
    `insert into project_members (project_id, user_id, name, role) values ($1, $2, $3, $4)
     on conflict (project_id, user_id) do update set name = coalesce(excluded.name, project_members.name), role = excluded.role`,
    [projectId, userId, name?.trim() ?? null, role],
  );
  return await database.em().findOneOrFail(ProjectMemberEntity, { projectId, userId });
}

/** What the user submitted stays. @throws NotFoundError */
export async function removeMember(database: Database, projectId: string, userId: string): Promise<void> {
  const removed = await database.em().nativeDelete(ProjectMemberEntity, { projectId, userId });
  if (removed === 0) throw new NotFoundError(`There is no member ${JSON.stringify(userId.slice(0, 255))}.`);
}

/** By user id, which is the cursor. */
export async function listMembers(
  database: Database,
  projectId: string,
  request: PageRequest<string>,
): Promise<Page<ProjectMember>> {
  const where = { projectId, ...(request.after === null ? {} : { userId: { $gt: request.after } }) };
  const options = { orderBy: { userId: 'asc' }, limit: request.limit + 1 } as const;
  return toPage(await database.em().find(ProjectMemberEntity, where, options), request);
}
