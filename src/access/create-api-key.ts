import type { Database } from '../database/database.ts';
import { ApiKeyEntity, type ApiKey } from '../database/entities/api-key.ts';
import { ProjectEntity } from '../database/entities/project.ts';
import { newId } from '../database/new-id.ts';
import { InvalidInputError, NotFoundError } from '../domain/errors.ts';
import { findKeyPrefix, generateApiKey, hashApiKey } from './api-key.ts';

/** The key is in the answer and nowhere else: what is stored does not tell it. @throws NotFoundError */
export async function createApiKey(
  database: Database,
  { projectId, name }: { projectId: string; name: string },
): Promise<{ key: string; apiKey: ApiKey }> {
  const project = await database.em().findOne(ProjectEntity, { id: projectId });
  if (!project) throw new NotFoundError(`There is no project ${projectId}.`);
  const key = generateApiKey();
  return { key, apiKey: await registerKey(database, { projectId, name, key }) };
}

/** Stores the key's hash, or finds what is stored under it. @throws InvalidInputError for what is no key */
export async function registerKey(
  database: Database,
  { projectId, name, key }: { projectId: string; name: string; key: string },
): Promise<ApiKey> {
  const prefix = findKeyPrefix(key);
  if (prefix === null) throw new InvalidInputError('An API key looks like lh_<12 characters>_<43 characters>.');
  const hash = hashApiKey(key);
  await database.pool.query(
    `insert into api_keys (id, project_id, name, prefix, hash) values ($1, $2, $3, $4, $5)
     on conflict (hash) do nothing`,
    [newId(), projectId, name, prefix, hash],
  );
  return await database.em().findOneOrFail(ApiKeyEntity, { hash });
}
