import type { Database } from '../database/database.ts';
import { ApiKeyEntity, type ApiKey } from '../database/entities/api-key.ts';
import { ProjectEntity } from '../database/entities/project.ts';
import { NotFoundError } from '../domain/errors.ts';
import { toPage, type Page, type PageRequest } from '../jobs/reads/page.ts';

/** Newest first, revoked and expired ones too; the cursor is the last id. */
export async function listApiKeys(
  database: Database,
  projectId: string,
  request: PageRequest<string>,
): Promise<Page<ApiKey>> {
  const where = { projectId, ...(request.after === null ? {} : { id: { $lt: request.after } }) };
  const options = { orderBy: { id: 'desc' }, limit: request.limit + 1 } as const;
  return toPage(await database.em().find(ApiKeyEntity, where, options), request);
}

/** The key works for some seconds more; a key that is revoked already stays as it is. @throws NotFoundError */
export async function revokeApiKey(database: Database, projectId: string, id: string): Promise<ApiKey> {
  await database.pool.query(
    'update api_keys set revoked_at = now() where id = $1 and project_id = $2 and revoked_at is null',
    [id, projectId],
  );
  const apiKey = await database.em().findOne(ApiKeyEntity, { id, projectId });
  if (!apiKey) throw new NotFoundError(`There is no API key ${id}.`);
  return apiKey;
}

/** Newest first. @throws NotFoundError when there is no project of this name */
export async function listKeysOfProject(database: Database, projectName: string): Promise<ApiKey[]> {
  const em = database.em();
  const project = await em.findOne(ProjectEntity, { name: projectName });
  if (!project) throw new NotFoundError(`There is no project "${projectName}".`);
  return await em.find(ApiKeyEntity, { projectId: project.id }, { orderBy: { id: 'desc' } });
}

/** @throws NotFoundError when no key begins so */
export async function revokeByPrefix(database: Database, prefix: string): Promise<ApiKey> {
  const apiKey = await database.em().findOne(ApiKeyEntity, { prefix });
  if (!apiKey) throw new NotFoundError(`There is no API key lh_${prefix}.`);
  return await revokeApiKey(database, apiKey.projectId, apiKey.id);
}
