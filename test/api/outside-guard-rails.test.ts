import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { startTestApi, type TestApi } from '../support/api.ts';
import { createOutsideService, toSuccesses, type OutsideService } from '../support/outside-service.ts';
import { waitFor } from '../support/wait-for.ts';

let api: TestApi;
let service: OutsideService;

beforeAll(async () => {
  api = await startTestApi();
  service = createOutsideService(api);
  await api.engine.startWorker();
});
afterAll(() => api.close());

const items = [{ name: 'CONVERT', over: 'ITEMS' }];

describe('chunks that workers outside run', () => {
  test('are held to the rails of their job: its canary, chunks at a time, and breaker', async () => {
    const { pool } = api.engine.services.database;
    const stages = [{ name: 'TRAIN' }, { name: 'CONVERT', over: 'ITEMS' }, { name: 'CHECK_IT', over: 'ITEMS' }];
    const id = await service.submit(stages, 40, {
      chunkSize: 2,
      canary: { items: 4 },
      breaker: { failures: 3 },
      limits: { chunksAtOnce: 2 },
    });
    await service.start(id, 'TRAIN');
    expect(await service.claimOnce(id)).toBeNull();
    await service.drive('completeStage', id, 'TRAIN');
    const canary = [await service.claim(id), await service.claim(id)];
    expect(canary.map(({ chunk }) => chunk.firstItem)).toEqual(['0', '2']);
    expect(await service.claimOnce(id)).toBeNull();
    for (const each of canary) await service.complete(each, toSuccesses(each));
    // The others of CONVERT wait until the canary is through CHECK_IT as well.
    const checked = [await service.claim(id), await service.claim(id)];
    expect(checked.map(({ stage }) => stage)).toEqual(['CHECK_IT', 'CHECK_IT']);
    for (const each of checked) await service.complete(each, toSuccesses(each));
    expect(await api.engine.reach(id, 'PAUSED')).toMatchObject({ pauseReason: 'APPROVAL', succeeded: 4, pending: 36 });

    await api.engine.services.jobs.approveJob(api.engine.viewer, id);
    const [first, second] = [await service.claim(id), await service.claim(id)];
    expect([first, second].map(({ stage, chunk }) => [stage, chunk.firstItem])).toEqual([
      ['CONVERT', '4'],
      ['CONVERT', '6'],
    ]);
    expect(await service.claimOnce(id)).toBeNull();
    await service.fail(first, { retryable: false });
    const third = await service.claim(id);
    // The breaker trips; what is held comes to its end before the job is PAUSED.
    await service.fail(third, { retryable: false });
    await waitFor(async () => (await service.heartbeat(second)).isStopping, { description: 'the holder to be told' });
    expect((await api.engine.getJob(id)).state).toBe('PAUSING');
    expect(await service.complete(second, toSuccesses(second))).toMatchObject({ chunk: { state: 'COMPLETED' } });
    expect(await api.engine.reach(id, 'PAUSED')).toMatchObject({ pauseReason: 'BREAKER', failed: 4, running: 0 });
    const { rows } = await pool.query('select name from stages where job_id = $1 and external order by position', [id]);
    expect(rows).toHaveLength(3);
  });

  test('are left for a deadline, which does not wait for their leases', async () => {
    const { pool } = api.engine.services.database;
    const id = await service.submit(items, 2, { chunkSize: 1, deadlineMinutes: 10 });
    const held = await service.claim(id);
    await pool.query(`update jobs set deadline_at = clock_timestamp() where id = $1`, [id]);
    await pool.query(`update guard_rails set due_at = clock_timestamp() where job_id = $1`, [id]);
    // The next claim finds it, and tells the job.
    expect(await service.claimOnce(id)).toBeNull();
    await api.engine.reach(id, 'FAILED');
    expect(await service.complete(held, toSuccesses(held))).toMatchObject({ __typename: 'ConflictError' });
  });

  test('are none in a dry run, which holds the items to their schema', async () => {
    const id = await service.submit([{ name: 'TRAIN' }, ...items], 3, { dryRun: true });
    expect(await api.engine.reach(id, 'COMPLETED', 'FAILED')).toMatchObject({ state: 'COMPLETED', succeeded: 3 });
    expect(await service.stageOf(id, 'CHECK')).toMatchObject({ percent: 100, completed: '3' });
    expect(await service.stageOf(id, 'TRAIN')).toBeUndefined();
  });

  test('cannot have a canary that a stage of a service lies in the middle of', async () => {
    const stages = [{ name: 'CONVERT', over: 'ITEMS' }, { name: 'TRAIN' }, { name: 'CHECK_IT', over: 'ITEMS' }];
    expect(
      await service.call('submitJob', {
        title: 'Outside',
        spec: { external: { stages } },
        source: { inline: { items: [] } },
        canary: { items: 1 },
      }),
    ).toMatchObject({ __typename: 'InvalidInputError', issues: [{ path: ['canary'] }] });
  });
});
