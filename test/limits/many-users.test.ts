import { afterAll, beforeAll, expect, test } from 'vitest';
import { newId } from '../../src/database/new-id.ts';
import { createTestEngine, echoCommand, type TestEngine } from '../support/engine.ts';
import { mostJobsAtOnce } from '../support/most-jobs-at-once.ts';

let engine: TestEngine;

beforeAll(async () => {
  engine = await createTestEngine(undefined, { runningJobsPerUser: 1, runningJobs: 5 });
  await engine.startWorker();
});
afterAll(() => engine.close());

test('of forty users with two jobs each one job a user and five in all run at a time, and none is forgotten', async () => {
  const users = Array.from({ length: 40 }, (_, index) => ({
    ...engine.viewer,
    caller: { kind: 'USER' as const, id: newId(), name: `user ${index}` },
  }));
  const source = { kind: 'inline' as const, items: [{}] };
  const submitted = await Promise.all(
    [...users, ...users].map(async (user) => await engine.services.jobs.submitJob(user, { ...echoCommand, source })),
  );
  for (const { job } of submitted) await engine.reach(job.id, 'COMPLETED');
  expect(await mostJobsAtOnce(engine.services.database.pool)).toEqual({ all: 5, user: 1 });
});
