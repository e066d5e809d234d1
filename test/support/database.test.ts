import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { openDatabase } from '../../src/database/database.ts';
import { ProjectEntity } from '../../src/database/entities/project.ts';
import { createTestDatabase, type TestDatabase } from './database.ts';
import { createTestProject } from './project.ts';

describe('A test database', () => {
  let one: TestDatabase;
  let other: TestDatabase;

  beforeAll(async () => {
    [one, other] = await Promise.all([createTestDatabase(), createTestDatabase()]);
  });
  afterAll(async () => {
    await one.close();
    await other.close();
  });

  test('is migrated, and shares nothing with another', async () => {
    const viewer = await createTestProject(one.database);
    expect(await one.database.em().find(ProjectEntity, {})).toMatchObject([{ id: viewer.projectId }]);
    expect(await other.database.em().find(ProjectEntity, {})).toEqual([]);
  });

  test('refuses to close while a connection is not handed back', async () => {
    const kept = await createTestDatabase();
    const client = await kept.database.pool.connect();
    await expect(kept.close()).rejects.toThrow('1 connections were not handed back');
    client.release();
    await kept.close();
  });

  test('refuses to close while another pool is open on it', async () => {
    const shared = await createTestDatabase();
    const leaked = await openDatabase(shared.url);
    await leaked.pool.query('select 1');
    await expect(shared.close()).rejects.toThrow('is being accessed by other users');
    await leaked.close();
  });
});
