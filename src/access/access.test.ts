import { afterAll, beforeAll, expect, test } from 'vitest';
import { createTestDatabase, type TestDatabase } from '../../test/support/database.ts';
import { ConflictError, InvalidInputError, NotFoundError, UnauthenticatedError } from '../domain/errors.ts';
import { generateApiKey, hashApiKey } from './api-key.ts';
import { createAuthenticator } from './authenticator.ts';
import { createApiKey } from './create-api-key.ts';
import { createProject } from './create-project.ts';
import { installKey } from './install-key.ts';

let db: TestDatabase;
beforeAll(async () => {
  db = await createTestDatabase();
});
afterAll(() => db.close());

test('a key names its project, and only its hash is stored', async () => {
  const project = await createProject(db.database, { name: 'acme' });
  const { key, apiKey } = await createApiKey(db.database, { projectId: project.id, name: 'production' });

  expect(key).toMatch(/^lh_[0-9A-Za-z]{12}_[0-9A-Za-z]{43}$/);
  const { rows } = await db.database.pool.query<{ stored: string }>(
    'select row_to_json(k)::text as stored from api_keys k',
  );
  expect(rows.map((row) => row.stored).join()).not.toContain(key.slice(-43));
  expect(await createAuthenticator(db).authenticate(`Bearer ${key}`)).toEqual({
    projectId: project.id,
    projectName: 'acme',
    apiKeyId: apiKey.id,
    apiKeyName: 'production',
  });
});

test.each([undefined, '', 'Bearer', 'Basic dXNlcjpwYXNz', 'Bearer lh_short_key', `Bearer ${generateApiKey()}`])(
  'the authorization %j is refused',
  async (authorization) => {
    await expect(createAuthenticator(db).authenticate(authorization)).rejects.toThrow(UnauthenticatedError);
  },
);

test('a key in use costs one query in five seconds, and a revoked one is refused by a fresh look', async () => {
  const project = await createProject(db.database, { name: 'revoking' });
  const { key, apiKey } = await createApiKey(db.database, { projectId: project.id, name: 'old' });
  const authenticator = createAuthenticator(db);
  const first = authenticator.authenticate(`Bearer ${key}`);
  expect(await authenticator.authenticate(`bearer ${key}`)).toBe(await first);

  await db.database.pool.query('update api_keys set revoked_at = now() where id = $1', [apiKey.id]);
  await expect(createAuthenticator(db).authenticate(`Bearer ${key}`)).rejects.toThrow('revoked');
});

test('installing the same key again and at the same time changes nothing', async () => {
  const key = generateApiKey();
  const installed = await Promise.all([1, 2, 3].map(() => installKey(db.database, { projectName: 'local', key })));
  const again = await installKey(db.database, { projectName: 'local', key });

  expect(new Set([...installed, again].map(({ project, apiKey }) => `${project.id} ${apiKey.id}`)).size).toBe(1);
  expect(again.apiKey.hash).toBe(hashApiKey(key));
  expect((await createAuthenticator(db).authenticate(`Bearer ${key}`)).projectName).toBe('local');
});

test('a key is not installed when it is malformed, revoked, or of another project', async () => {
  const key = generateApiKey();
  await expect(installKey(db.database, { projectName: 'local', key: 'secret' })).rejects.toThrow(InvalidInputError);
  const { apiKey } = await installKey(db.database, { projectName: 'first', key });
  await expect(installKey(db.database, { projectName: 'second', key })).rejects.toThrow(ConflictError);
  await db.database.pool.query('update api_keys set revoked_at = now() where id = $1', [apiKey.id]);
  await expect(installKey(db.database, { projectName: 'first', key })).rejects.toThrow('revoked');
});

test('a project name is taken once, and a key needs a project', async () => {
  await createProject(db.database, { name: 'twice' });
  await expect(createProject(db.database, { name: 'twice' })).rejects.toThrow(ConflictError);
  const projectId = '019a0000-0000-7000-8000-000000000000';
  await expect(createApiKey(db.database, { projectId, name: 'lost' })).rejects.toThrow(NotFoundError);
});
