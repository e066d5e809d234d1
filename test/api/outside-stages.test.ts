import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { startTestApi, type TestApi } from '../support/api.ts';
import { createOutsideService, type OutsideService } from '../support/outside-service.ts';

let api: TestApi;
let service: OutsideService;

beforeAll(async () => {
  api = await startTestApi();
  service = createOutsideService(api);
  await api.engine.startWorker();
});
afterAll(() => api.close());

describe('stages that a service drives', () => {
  const two = [{ name: 'CONTENT_FETCH' }, { name: 'EXPORT_GENERATION' }];

  test('go one after the other, with their figures and notes, to the end of the job', async () => {
    const id = await service.submit(two, 0);
    await service.start(id, 'CONTENT_FETCH');
    expect(await service.drive('startStage', id, 'CONTENT_FETCH')).toMatchObject({
      __typename: 'ConflictError',
      state: 'RUNNING',
    });
    expect(await service.drive('startStage', id, 'EXPORT_GENERATION')).toMatchObject({
      __typename: 'ConflictError',
      state: 'PENDING',
    });
    expect(await service.drive('completeStage', id, 'EXPORT_GENERATION')).toMatchObject({
      __typename: 'ConflictError',
    });
    expect(await service.drive('startStage', id, 'NOTHING')).toMatchObject({ __typename: 'NotFoundError' });
    await service.drive('updateStageProgress', id, 'CONTENT_FETCH', {
      total: 40,
      completed: 10,
      metadata: { page: 1 },
    });
    await service.drive('updateStageProgress', id, 'CONTENT_FETCH', {
      completed: 20,
      failed: 3,
      metadata: { cursor: 'x' },
    });
    expect(await service.stageOf(id, 'CONTENT_FETCH')).toEqual({
      name: 'CONTENT_FETCH',
      state: 'RUNNING',
      percent: 50,
      total: '40',
      completed: '20',
      failed: '3',
      metadata: { page: 1, cursor: 'x' },
      error: null,
    });
    const { job } = await api.client.query<{ job: unknown }>(
      'query ($id: ID!) { job(id: $id) { state message progress { percent currentStage } } }',
      { id },
    );
    const message = 'CONTENT_FETCH: 20 of 40 done';
    expect(job).toEqual({ state: 'RUNNING', message, progress: { percent: 25, currentStage: 'CONTENT_FETCH' } });
    expect(await service.drive('updateStageProgress', id, 'CONTENT_FETCH', { completed: 41 })).toMatchObject({
      __typename: 'InvalidInputError',
      issues: [{ path: ['completed'] }],
    });
    expect((await service.drive('completeStage', id, 'CONTENT_FETCH', { completed: 40 })).__typename).toBe(
      'CompleteStagePayload',
    );
    expect((await service.drive('completeStage', id, 'CONTENT_FETCH')).__typename).toBe('CompleteStagePayload');
    await service.start(id, 'EXPORT_GENERATION');
    await service.drive('completeStage', id, 'EXPORT_GENERATION');
    await api.engine.reach(id, 'COMPLETED');
    const journal = (await api.follow(id)).map(({ __typename }) => __typename);
    expect(journal.filter((type) => type !== 'JobStateChanged' && type !== 'JobSubmitted').join(' ')).toBe(
      'StageStarted StageCompleted StageStarted StageProgressed StageProgressed StageCompleted ' +
        'StageStarted StageCompleted StageStarted StageCompleted',
    );
  });

  test('may fail for now and be started again, but not before their time', async () => {
    const id = await service.submit([{ name: 'CONTENT_FETCH' }], 0);
    await service.start(id, 'CONTENT_FETCH');
    const failure = { error: 'Too many requests', retryAfterMs: 60_000, metadata: { errorType: 'RATE_LIMIT' } };
    expect((await service.drive('failStage', id, 'CONTENT_FETCH', failure)).__typename).toBe('FailStagePayload');
    expect(await service.stageOf(id, 'CONTENT_FETCH')).toMatchObject({
      state: 'PENDING',
      error: 'Too many requests',
      metadata: { errorType: 'RATE_LIMIT' },
    });
    expect(await service.drive('startStage', id, 'CONTENT_FETCH')).toMatchObject({
      __typename: 'ConflictError',
      state: 'PENDING',
    });
    await api.engine.services.database.pool.query('update stages set retry_at = now() where job_id = $1', [id]);
    await service.start(id, 'CONTENT_FETCH');
    await service.drive('completeStage', id, 'CONTENT_FETCH');
    await api.engine.reach(id, 'COMPLETED');
  });

  test('that fail for good fail their job, which a retry takes up at that stage', async () => {
    const id = await service.submit(two, 0);
    await service.start(id, 'CONTENT_FETCH');
    await service.drive('completeStage', id, 'CONTENT_FETCH');
    await service.start(id, 'EXPORT_GENERATION');
    await service.drive('failStage', id, 'EXPORT_GENERATION', { error: 'The disk is full' });
    expect(await api.engine.reach(id, 'FAILED')).toMatchObject({ error: 'The disk is full' });
    await service.control('retryJob', id);
    await service.start(id, 'EXPORT_GENERATION');
    await service.drive('completeStage', id, 'EXPORT_GENERATION');
    await api.engine.reach(id, 'COMPLETED');
  });

  test('stay as they are when their job is retried', async () => {
    const id = await service.submit([{ name: 'FETCH' }], 0);
    await service.start(id, 'FETCH');
    await service.drive('failStage', id, 'FETCH', { error: 'gone' });
    expect(
      await service.call('retryJob', { jobId: id, spec: { external: { stages: [{ name: 'OTHER' }] } } }),
    ).toMatchObject({
      __typename: 'InvalidInputError',
      issues: [{ path: ['spec', 'external'] }],
    });
  });

  test('stand still while their job is paused', async () => {
    const id = await service.submit(two, 0);
    await service.start(id, 'CONTENT_FETCH');
    await service.control('pauseJob', id);
    await api.engine.reach(id, 'PAUSED');
    expect(await service.drive('updateStageProgress', id, 'CONTENT_FETCH', { completed: 1 })).toMatchObject({
      __typename: 'ConflictError',
      state: 'PAUSED',
    });
    await service.control('resumeJob', id);
    expect((await service.drive('updateStageProgress', id, 'CONTENT_FETCH', { completed: 1 })).__typename).toBe(
      'UpdateStageProgressPayload',
    );
    await service.control('cancelJob', id);
    await api.engine.reach(id, 'CANCELED');
    expect(await service.drive('completeStage', id, 'CONTENT_FETCH')).toMatchObject({
      __typename: 'ConflictError',
      state: 'CANCELED',
    });
  });

  test('over no items leave none behind unnoticed', async () => {
    const id = await service.submit([{ name: 'CONTENT_FETCH' }], 2);
    await service.start(id, 'CONTENT_FETCH');
    await service.drive('completeStage', id, 'CONTENT_FETCH');
    expect((await api.engine.reach(id, 'FAILED')).error).toContain('No stage of the job is over its 2 items');
  });
});
