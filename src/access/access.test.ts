import { pino } from 'pino';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createTestDatabase, type TestDatabase } from '../../test/support/database.ts';
import {
  ConflictError,
  InvalidInputError,
  NotFoundError,
  PermissionDeniedError,
  UnauthenticatedError,
} from '../domain/errors.ts';
import type { Viewer } from '../jobs/commands.ts';
import { insertRunningJob } from '../../test/support/journal.ts';
import { signUserToken, testJwt, testSecret } from '../../test/support/secret.ts';
import { ApiKeyEntity } from '../database/entities/api-key.ts';
import { createAccess } from './access.ts';
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

const secret = testSecret;
const log = pino({ level: 'silent' });

/** A fresh one, which remembers nothing. */
function authenticator() {
  return createAuthenticator({ database: db.database, config: { secret, jwt: testJwt }, log });
}

const userToken = async (userId: string) => `Bearer ${await signUserToken(userId)}`;

test('a key names its project, and only its hash is stored', async () => {
  const project = await createProject(db.database, { name: 'acme' });
  const { key, apiKey } = await createApiKey(db.database, { projectId: project.id, name: 'production' });

  expect(key).toMatch(/^lh_[0-9A-Za-z]{12}_[0-9A-Za-z]{43}$/);
  const { rows } = await db.database.pool.query<{ stored: string }>(
    'select row_to_json(k)::text as stored from api_keys k',
  );
  expect(rows.map((row) => row.stored).join()).not.toContain(key.slice(-43));
  expect(await authenticator().authenticate(`Bearer ${key}`)).toEqual({
    projectId: project.id,
    projectName: 'acme',
    caller: { kind: 'API_KEY', id: apiKey.id, name: 'production' },
    scopes: ['READ', 'SUBMIT', 'CONTROL', 'ADMIN'],
    jobId: null,
    expiresAt: null,
  });
});

test.each([undefined, '', 'Bearer', 'Basic dXNlcjpwYXNz', 'Bearer lh_short_key', `Bearer ${generateApiKey()}`])(
  'the authorization %j is refused',
  async (authorization) => {
    await expect(authenticator().authenticate(authorization)).rejects.toThrow(UnauthenticatedError);
  },
);

test('a key in use costs one query in five seconds, and a revoked one is refused by a fresh look', async () => {
  const project = await createProject(db.database, { name: 'revoking' });
  const { key, apiKey } = await createApiKey(db.database, { projectId: project.id, name: 'old' });
  const one = authenticator();
  const first = one.authenticate(`Bearer ${key}`);
  expect(await one.authenticate(`bearer ${key}`)).toBe(await first);

  await db.database.pool.query('update api_keys set revoked_at = now() where id = $1', [apiKey.id]);
  await expect(authenticator().authenticate(`Bearer ${key}`)).rejects.toThrow('revoked');
});

test('installing the same key again and at the same time changes nothing', async () => {
  const key = generateApiKey();
  const installed = await Promise.all([1, 2, 3].map(() => installKey(db.database, { projectName: 'local', key })));
  const again = await installKey(db.database, { projectName: 'local', key });

  expect(new Set([...installed, again].map(({ project, apiKey }) => `${project.id} ${apiKey.id}`)).size).toBe(1);
  expect(again.apiKey.hash).toBe(hashApiKey(key));
  expect((await authenticator().authenticate(`Bearer ${key}`)).projectName).toBe('local');
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

test('a key has the scopes that it was made for and those that they include, until it expires', async () => {
  const project = await createProject(db.database, { name: 'limited' });
  const expiresAt = new Date(Date.now() + 3_600_000);
  const request = { projectId: project.id, name: 'ingest', scopes: ['SUBMIT', 'SUBMIT'] as const, expiresAt };
  const { key, apiKey } = await createApiKey(db.database, request);
  expect(apiKey).toMatchObject({ scopes: ['SUBMIT'], expiresAt, lastUsedAt: null });
  expect(await authenticator().authenticate(`Bearer ${key}`)).toMatchObject({ scopes: ['READ', 'SUBMIT'], expiresAt });

  await db.database.pool.query('update api_keys set expires_at = now() where id = $1', [apiKey.id]);
  await expect(authenticator().authenticate(`Bearer ${key}`)).rejects.toThrow('This API key has expired.');
});

test.each([
  [{ name: '' }, 'name must be text'],
  [{ name: 'nul \0' }, 'name must be text'],
  [{ scopes: [] }, 'scopes must name'],
  [{ expiresAt: new Date(0) }, 'expiresAt must be in the future'],
])('a key cannot be made with %j', async (wrong, message) => {
  const request = { projectId: '019a0000-0000-7000-8000-000000000000', name: 'key', ...wrong };
  await expect(createApiKey(db.database, request)).rejects.toThrow(message);
});

test('the use of a key is noted, once a minute', async () => {
  const project = await createProject(db.database, { name: 'used' });
  const { key, apiKey } = await createApiKey(db.database, { projectId: project.id, name: 'busy' });
  const lastUsedAt = async (): Promise<Date | null | undefined> => {
    return (await db.database.em().findOneOrFail(ApiKeyEntity, { id: apiKey.id })).lastUsedAt;
  };
  await authenticator().authenticate(`Bearer ${key}`);
  const first = await lastUsedAt();
  expect(first).toBeInstanceOf(Date);
  await authenticator().authenticate(`Bearer ${key}`);
  expect(await lastUsedAt()).toEqual(first);

  const longAgo = new Date('2026-01-01T00:00:00Z');
  await db.database.pool.query('update api_keys set last_used_at = $2 where id = $1', [apiKey.id, longAgo]);
  await authenticator().authenticate(`Bearer ${key}`);
  expect((await lastUsedAt())?.getTime()).toBeGreaterThan(longAgo.getTime());
});

describe('A user', () => {
  let admin: Viewer;
  const access = () => createAccess({ database: db.database, config: { secret } });
  const adminOf = async (name: string): Promise<Viewer> => {
    const project = await createProject(db.database, { name });
    const { key } = await createApiKey(db.database, { projectId: project.id, name: 'admin' });
    return await authenticator().authenticate(`Bearer ${key}`);
  };
  beforeAll(async () => {
    admin = await adminOf('first project');
  });

  test('of one project need not name it, and has the scopes of the role', async () => {
    await access().addProjectMember(admin, { userId: 'one|1', name: null, role: 'OPERATOR' });
    const viewer = await authenticator().authenticate(await userToken('one|1'));
    expect(viewer).toMatchObject({
      projectId: admin.projectId,
      projectName: 'first project',
      caller: { kind: 'USER', id: 'one|1', name: 'Ada' },
      scopes: ['READ', 'SUBMIT', 'CONTROL'],
      jobId: null,
    });
    expect(viewer.expiresAt?.getTime()).toBeGreaterThan(Date.now());
    await access().addProjectMember(admin, { userId: 'one|1', name: null, role: 'VIEWER' });
    expect((await authenticator().authenticate(await userToken('one|1'))).scopes).toEqual(['READ']);
  });

  test('of several projects names one, by its name or id', async () => {
    const second = await adminOf('second project');
    await access().addProjectMember(admin, { userId: 'two', name: 'Bob', role: 'VIEWER' });
    await access().addProjectMember(second, { userId: 'two', name: null, role: 'ADMIN' });
    const token = await userToken('two');
    await expect(authenticator().authenticate(token)).rejects.toThrow(
      'Say which project with "Longhaul-Project: <name or id>". Yours are "first project", "second project".',
    );
    for (const project of ['second project', second.projectId, second.projectId.toUpperCase()]) {
      expect(await authenticator().authenticate(token, project)).toMatchObject({ projectId: second.projectId });
    }
  });

  test('is refused where there is no membership, whether there is a project or not', async () => {
    await adminOf('secret project');
    await access().addProjectMember(admin, { userId: 'three', name: null, role: 'ADMIN' });
    const token = await userToken('three');
    const refusals = await Promise.all(
      ['secret project', 'absent project'].map((project) =>
        authenticator()
          .authenticate(token, project)
          .catch((error: Error) => error.message.replace(project, '…')),
      ),
    );
    expect(refusals[0]).toBe(refusals[1]);
    await expect(authenticator().authenticate(await userToken('nobody'))).rejects.toThrow(PermissionDeniedError);
    await access().removeProjectMember(admin, 'three');
    await expect(authenticator().authenticate(token)).rejects.toThrow('is a member of no project');
    await expect(access().removeProjectMember(admin, 'three')).rejects.toThrow(NotFoundError);
  });

  test('cannot be added under an id that no token has', async () => {
    for (const userId of ['', ' padded ', 'nul\0', 'x'.repeat(256)]) {
      await expect(access().addProjectMember(admin, { userId, name: null, role: 'VIEWER' })).rejects.toThrow(
        InvalidInputError,
      );
    }
  });
});

test('a key is for its own project, whatever else is named', async () => {
  const project = await createProject(db.database, { name: 'named' });
  const { key } = await createApiKey(db.database, { projectId: project.id, name: 'key' });
  expect(await authenticator().authenticate(`Bearer ${key}`, 'named')).toMatchObject({ projectId: project.id });
  await expect(authenticator().authenticate(`Bearer ${key}`, 'acme')).rejects.toThrow(PermissionDeniedError);
});

describe('A follow token', () => {
  test('names the job and ends with the right of the key that made it', async () => {
    const project = await createProject(db.database, { name: 'followed' });
    const { key, apiKey } = await createApiKey(db.database, {
      projectId: project.id,
      name: 'backend',
      scopes: ['READ'],
    });
    const viewer = await authenticator().authenticate(`Bearer ${key}`);
    const jobId = await insertRunningJob(db.database, viewer);
    const access = createAccess({ database: db.database, config: { secret } });
    const { token, expiresAt } = await access.createFollowToken(viewer, { jobId, expiresInSeconds: 60 });

    const follower = await authenticator().authenticate(`Bearer ${token}`);
    expect(follower).toEqual({
      projectId: project.id,
      projectName: 'followed',
      caller: { kind: 'FOLLOW_TOKEN', id: jobId, name: 'follow token' },
      scopes: [],
      jobId,
      expiresAt,
    });
    await expect(access.createFollowToken(follower, { jobId, expiresInSeconds: 60 })).rejects.toThrow(
      PermissionDeniedError,
    );
    await access.revokeApiKey(viewer, apiKey.id);
    await expect(authenticator().authenticate(`Bearer ${token}`)).rejects.toThrow('This follow token has ended');
  });

  test('is made for a job that is there, for a second to a day', async () => {
    const project = await createProject(db.database, { name: 'following' });
    const { key } = await createApiKey(db.database, { projectId: project.id, name: 'backend' });
    const viewer = await authenticator().authenticate(`Bearer ${key}`);
    const jobId = await insertRunningJob(db.database, viewer);
    const { createFollowToken } = createAccess({ database: db.database, config: { secret } });
    for (const expiresInSeconds of [0, -1, 86_401]) {
      await expect(createFollowToken(viewer, { jobId, expiresInSeconds })).rejects.toThrow(InvalidInputError);
    }
    const elsewhere = { ...viewer, projectId: '019a0000-0000-7000-8000-000000000000' };
    await expect(createFollowToken(elsewhere, { jobId, expiresInSeconds: 60 })).rejects.toThrow(NotFoundError);
  });

  test('of another server, changed, or used as a user is refused', async () => {
    const project = await createProject(db.database, { name: 'forged' });
    const { key } = await createApiKey(db.database, { projectId: project.id, name: 'backend' });
    const viewer = await authenticator().authenticate(`Bearer ${key}`);
    const jobId = await insertRunningJob(db.database, viewer);
    const elsewhere = createAccess({ database: db.database, config: { secret: 'another secret of 32 characters!' } });
    const { token: foreign } = await elsewhere.createFollowToken(viewer, { jobId, expiresInSeconds: 60 });
    const { token } = await createAccess({ database: db.database, config: { secret } }).createFollowToken(viewer, {
      jobId,
      expiresInSeconds: 60,
    });
    const asUser = token.slice('lhf_'.length);
    for (const wrong of [foreign, `${token.slice(0, -8)}AAAAAAAA`, asUser, `lhf_${(await userToken('x')).slice(7)}`]) {
      await expect(authenticator().authenticate(`Bearer ${wrong}`)).rejects.toThrow(UnauthenticatedError);
    }
  });
});
