import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { beatBuild } from '../../src/database/sql/beat-build.ts';
import { leaveBuild } from '../../src/database/sql/leave-build.ts';
import { createTestDatabase, type TestDatabase } from '../support/database.ts';

let testDatabase: TestDatabase;
const beat = (build: string) => beatBuild(testDatabase.database.pool, { taskQueue: 'queue', build });
const leave = (build: string) => leaveBuild(testDatabase.database.pool, { taskQueue: 'queue', build });

/** As if all that a build has done had been done so many seconds before. */
const timePasses = (build: string, seconds: number) =>
  testDatabase.database.pool.query(
    `update builds set since = since - $2::interval, seen_at = seen_at - $2::interval,
       steady_since = steady_since - $2::interval, left_at = left_at - $2::interval where build = $1`,
    [build, `${seconds} s`],
  );

beforeAll(async () => {
  testDatabase = await createTestDatabase();
});
afterAll(() => testDatabase.close());
beforeEach(async () => {
  await testDatabase.database.pool.query('delete from builds');
  await beat('old');
  await timePasses('old', 60);
  await beat('old');
  await beat('new');
});

test('builds know which of them began last, and nothing of other task queues', async () => {
  await beatBuild(testDatabase.database.pool, { taskQueue: 'another', build: 'other' });
  expect(await beat('old')).toEqual([{ build: 'new', isNewer: true, isGone: false }]);
  expect(await beat('new')).toEqual([{ build: 'old', isNewer: false, isGone: false }]);
});

test('a build that comes back is as old as it was', async () => {
  await timePasses('old', 3_600);
  await beat('old');
  expect(await beat('new')).toEqual([{ build: 'old', isNewer: false, isGone: false }]);
});

test('a build is gone when nobody follows for 10 s a worker that left', async () => {
  await leave('old');
  await timePasses('old', 9);
  expect(await beat('new')).toEqual([{ build: 'old', isNewer: false, isGone: false }]);
  await timePasses('old', 2);
  expect(await beat('new')).toEqual([{ build: 'old', isNewer: false, isGone: true }]);
});

test('a build of which one worker left and another lives is not gone', async () => {
  await leave('old');
  await beat('old');
  await timePasses('old', 11);
  expect(await beat('new')).toEqual([{ build: 'old', isNewer: false, isGone: false }]);
});

test('a build is gone when it was silent for 20 s in which the one that asks was not', async () => {
  await timePasses('old', 21);
  // It has just begun, and cannot know.
  expect(await beat('new')).toEqual([{ build: 'old', isNewer: false, isGone: false }]);
  await timePasses('new', 12);
  await beat('new');
  await timePasses('new', 12);
  expect(await beat('new')).toEqual([{ build: 'old', isNewer: false, isGone: true }]);
});

test('nobody is gone for whoever was silent as well, as in an outage of the database', async () => {
  for (const build of ['old', 'new']) await timePasses(build, 3_600);
  expect(await beat('new')).toEqual([{ build: 'old', isNewer: false, isGone: false }]);
});
