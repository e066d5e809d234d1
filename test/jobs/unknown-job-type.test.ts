import { afterAll, beforeAll, expect, test } from 'vitest';
import { createTestEngine, type TestEngine } from '../support/engine.ts';
import { waitFor } from '../support/wait-for.ts';

let engine: TestEngine;

beforeAll(async () => {
  engine = await createTestEngine();
});
afterAll(() => engine.close());

const setType = (jobId: string, type: string) =>
  engine.services.database.pool.query('update jobs set type = $2 where id = $1', [jobId, type]);

/** More attempts than a step has that fails for good. */
const afterManyAttempts = (jobId: string) =>
  waitFor(
    async () => {
      const { raw } = await engine.services.temporal.client.workflow.getHandle(`job:${jobId}`).describe();
      return raw.pendingActivities?.some(({ attempt }) => (attempt ?? 0) > 4);
    },
    { description: 'a step to have been tried many times' },
  );

test('a job whose type only a newer version knows waits for a worker of that version, before and in the middle of its chunks', async () => {
  const { id } = await engine.submit({ options: { delayMs: 500 }, chunkSize: 1 }, 30);
  await setType(id, 'future');
  await engine.startWorker();
  await afterManyAttempts(id);
  await setType(id, 'echo');
  await waitFor(async () => (await engine.getJob(id)).succeeded > 0, { everyMs: 10 });
  await setType(id, 'future');
  await afterManyAttempts(id);
  await setType(id, 'echo');
  expect(await engine.reach(id, 'COMPLETED', 'FAILED')).toMatchObject({ state: 'COMPLETED', succeeded: 30 });
});
