import type { Config } from '../config.ts';
import type { Database } from '../database/database.ts';
import { ApiKeyEntity, type ApiKey } from '../database/entities/api-key.ts';
import type { ProjectMember } from '../database/entities/project-member.ts';
import { NotFoundError, PermissionDeniedError } from '../domain/errors.ts';
import type { Viewer } from '../jobs/commands.ts';
import { findVisibleJob } from '../jobs/reads/find-visible-jobs.ts';
import type { Page, PageRequest } from '../jobs/reads/page.ts';
import { listApiKeys, revokeApiKey } from './api-keys.ts';
import { invalid } from './check-input.ts';
import { createApiKey, type ApiKeyRequest } from './create-api-key.ts';
import { createFollowTokens } from './follow-token.ts';
import { addMember, listMembers, removeMember, type MemberRequest } from './members.ts';

export type { ApiKey, ProjectMember };

const longestFollowSeconds = 24 * 3_600;

/** Who may do what in the viewer's project. That the viewer may ask is declared in the schema. */
export interface Access {
  /** The answer is the only place where the key stands. @throws InvalidInputError */
  createApiKey(viewer: Viewer, request: Omit<ApiKeyRequest, 'projectId'>): Promise<{ key: string; apiKey: ApiKey }>;
  /** Works within seconds, in every process. @throws NotFoundError */
  revokeApiKey(viewer: Viewer, id: string): Promise<ApiKey>;
  /** Newest first; the cursor is the last id. */
  listApiKeys(viewer: Viewer, request: PageRequest<string>): Promise<Page<ApiKey>>;
  /** The key that the viewer came with; null for those who came otherwise. */
  findOwnApiKey(viewer: Viewer): Promise<ApiKey | null>;
  /** A member who is there gets the role. @throws InvalidInputError */
  addProjectMember(viewer: Viewer, request: MemberRequest): Promise<ProjectMember>;
  /** @throws NotFoundError */
  removeProjectMember(viewer: Viewer, userId: string): Promise<void>;
  /** By user id, which is the cursor. */
  listProjectMembers(viewer: Viewer, request: PageRequest<string>): Promise<Page<ProjectMember>>;
  /** A token that reads one job. @throws NotFoundError, InvalidInputError */
  createFollowToken(
    viewer: Viewer,
    request: { jobId: string; expiresInSeconds: number },
  ): Promise<{ token: string; expiresAt: Date }>;
}

/** Keys, members and follow tokens, each of the project of its viewer. */
export function createAccess({ database, config }: { database: Database; config: Pick<Config, 'secret'> }): Access {
  const followTokens = createFollowTokens(config.secret);
  return {
    createApiKey: ({ projectId }, request) => createApiKey(database, { ...request, projectId }),
    revokeApiKey: ({ projectId }, id) => revokeApiKey(database, projectId, id),
    listApiKeys: ({ projectId }, request) => listApiKeys(database, projectId, request),
    findOwnApiKey: async ({ projectId, caller }) =>
      caller.kind === 'API_KEY' ? await database.em().findOne(ApiKeyEntity, { id: caller.id, projectId }) : null,
    addProjectMember: ({ projectId }, request) => addMember(database, projectId, request),
    removeProjectMember: ({ projectId }, userId) => removeMember(database, projectId, userId),
    listProjectMembers: ({ projectId }, request) => listMembers(database, projectId, request),
    async createFollowToken(viewer, { jobId, expiresInSeconds }) {
      const { kind, id } = viewer.caller;
      // The schema asks for READ, which no follow token has: none lives longer by making another.
      if (kind === 'FOLLOW_TOKEN') throw new PermissionDeniedError('A follow token makes no other.');
      if (expiresInSeconds < 1 || expiresInSeconds > longestFollowSeconds) {
        throw invalid('expiresInSeconds', `must be between 1 and ${longestFollowSeconds}, not ${expiresInSeconds}`);
      }
      const job = await findVisibleJob(database, viewer, { id: jobId });
      if (!job) throw new NotFoundError(`There is no job ${jobId}.`);
      // Tokens carry whole seconds.
      const expiresAt = new Date(Math.floor(Date.now() / 1_000 + expiresInSeconds) * 1_000);
      const token = await followTokens.sign({ projectId: viewer.projectId, jobId, by: { kind, id }, expiresAt });
      return { token, expiresAt };
    },
  };
}
