import type { Database } from '../database/database.ts';
import { ApiKeyEntity, type ApiKey } from '../database/entities/api-key.ts';
import { ProjectEntity } from '../database/entities/project.ts';
import { newId } from '../database/new-id.ts';
import { InvalidInputError, NotFoundError } from '../domain/errors.ts';
import type { Scope } from '../domain/scope.ts';
import { findKeyPrefix, generateApiKey, hashApiKey } from './api-key.ts';
import { assertFuture, assertName, invalid } from './check-input.ts';

export interface ApiKeyRequest {
  projectId: string;
  name: string;
  /** ADMIN when left out. */
  scopes?: readonly Scope[];
  expiresAt?: Date | null;
}

/** The key is in the answer and nowhere else: what is stored does not tell it. @throws NotFoundError, InvalidInputError */
export async function createApiKey(
  database: Database,
  request: ApiKeyRequest,
): Promise<{ key: string; apiKey: ApiKey }> {
  assertName('name', request.name);
  assertFuture('expiresAt', request.expiresAt ?? null);
  if (request.scopes?.length === 0) throw invalid('scopes', 'must name what the key is for');
  const project = await database.em().findOne(ProjectEntity, { id: request.projectId });
  if (!project) throw new NotFoundError(`There is no project ${request.projectId}.`);
  const key = generateApiKey();
  return { key, apiKey: await registerKey(database, { ...request, key }) };
}

/** Stores the key's hash, or finds what is stored under it. @throws InvalidInputError for what is no key */
export async function registerKey(
  database: Database,
  { projectId, name, key, scopes = ['ADMIN'], expiresAt = null }: ApiKeyRequest & { key: string },
): Promise<ApiKey> {
  const prefix = findKeyPrefix(key);
  if (prefix === null) throw new InvalidInputError('An API key looks like lh_<12 characters>_<43 characters>.');
  const hash = hashApiKey(key);
  await database.pool.query(
    `insert into api_keys (id, project_id, name, prefix, hash, scopes, expires_at) values ($1, $2, $3, $4, $5, $6, $7)
     on conflict (hash) do nothing`,
    [newId(), projectId, name.trim(), prefix, hash, [...new Set(scopes)], expiresAt],
  );
  return await database.em().findOneOrFail(ApiKeyEntity, { hash });
}
