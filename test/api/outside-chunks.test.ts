import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { startTestApi, type TestApi } from '../support/api.ts';
import {
  createOutsideService,
  toSuccesses,
  type Claim,
  type OutsideService,
  type Refusal,
} from '../support/outside-service.ts';
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
  test('bring typed results through the same commits, and a redrive offers only what failed', async () => {
    const id = await service.submit(items, 5, { chunkSize: 3 });
    const first = await service.claim(id);
    expect(first).toMatchObject({ stage: 'CONVERT', attempt: 1, chunk: { firstItem: '0' } });
    expect(first.items[1]).toEqual({
      index: '1',
      key: 'item 1',
      input: { key: 'item 1', url: 'https://example.com/1' },
    });
    const error = { code: 'NOT_REACHABLE', message: 'No answer from host 17.', field: 'url' };
    const results = [
      { index: 2, state: 'SKIPPED' },
      { index: 0, state: 'SUCCEEDED', output: { data: { words: 12 } }, durationMs: 40 },
      { index: 1, state: 'FAILED', error },
    ];
    expect(await service.complete(first, results)).toMatchObject({ chunk: { state: 'COMPLETED' } });
    expect(await service.complete(first, results)).toMatchObject({ chunk: { state: 'COMPLETED' } });
    const second = await service.claim(id);
    await service.complete(second, toSuccesses(second));
    const done = await api.engine.reach(id, 'COMPLETED');
    expect(done).toMatchObject({ succeeded: 3, failed: 1, skipped: 1 });
    expect(done.aggregates).toEqual({ count: 5, succeeded: 3, failed: 1, skipped: 1 });
    const { job } = await api.client.query<{ job: unknown }>(
      `query ($id: ID!) { job(id: $id) { items(first: 2) { nodes { index state stage ... on ExternalItem { output { data } } error { code field } } } } }`,
      { id },
    );
    expect(job).toEqual({
      items: {
        nodes: [
          { index: '0', state: 'SUCCEEDED', stage: 'CONVERT', output: { data: { words: 12 } }, error: null },
          {
            index: '1',
            state: 'FAILED',
            stage: 'CONVERT',
            output: null,
            error: { code: 'NOT_REACHABLE', field: 'url' },
          },
        ],
      },
    });
    await service.control('retryJob', id);
    const again = await service.claim(id);
    expect(again.items.map(({ index }) => index)).toEqual(['1']);
    await service.complete(again, toSuccesses(again));
    expect(await api.engine.reach(id, 'COMPLETED')).toMatchObject({
      generation: 1,
      succeeded: 4,
      failed: 0,
      skipped: 1,
    });
  });

  test('are refused results that do not fit, whole, with the place of each problem', async () => {
    const id = await service.submit(items, 2);
    const held = await service.claim(id);
    const refused: [object[], string][] = [
      [[{ index: 0, state: 'SUCCEEDED' }], 'Item 1 has no result.'],
      [[...toSuccesses(held), { index: 7, state: 'SUCCEEDED' }], 'Item 7 is not among those that were claimed.'],
      [
        [
          { index: 0, state: 'FAILED' },
          { index: 1, state: 'SUCCEEDED' },
        ],
        'must say why the item FAILED',
      ],
      [
        [
          { index: 0, state: 'SUCCEEDED', output: { data: 7 } },
          { index: 1, state: 'SUCCEEDED' },
        ],
        'expected record',
      ],
      [
        [
          { index: 0, state: 'SUCCEEDED', error: { code: 'X', message: '' } },
          { index: 1, state: 'SUCCEEDED' },
        ],
        'goes with FAILED',
      ],
    ];
    for (const [results, message] of refused) {
      const answer = await service.complete(held, results);
      expect(answer.__typename).toBe('InvalidInputError');
      expect(answer.issues?.[0]?.message).toContain(message);
    }
    expect(await api.engine.getJob(id)).toMatchObject({ running: 2, succeeded: 0 });
    await service.complete(held, toSuccesses(held));
    await api.engine.reach(id, 'COMPLETED');
  });

  test('are handed out once each, those of the highest priority first', async () => {
    const low = await service.submit(items, 2, { chunkSize: 1, chunkPriority: 1 });
    const high = await service.submit(items, 4, { chunkSize: 1, chunkPriority: 9 });
    const isOpen = async (id: string) => (await service.stageOf(id, 'CONVERT'))?.state === 'RUNNING';
    await waitFor(async () => (await isOpen(low)) && (await isOpen(high)));
    const early = await Promise.all(Array.from({ length: 4 }, () => service.claimOnce(null)));
    const late = await Promise.all(Array.from({ length: 4 }, () => service.claimOnce(null)));
    const jobs = (claims: (Claim | null)[]) =>
      claims.flatMap((each) => (each ? [Buffer.from(each.chunk.id, 'base64').toString()] : [])).toSorted();
    expect(jobs(early)).toEqual([0, 1, 2, 3].map((index) => `Chunk:${high}/1/0/${index}`));
    expect(jobs(late)).toEqual([0, 1].map((index) => `Chunk:${low}/1/0/${index}`));
    await Promise.all(
      [...early, ...late].map(async (each) => each && (await service.complete(each, toSuccesses(each)))),
    );
    await api.engine.reach(low, 'COMPLETED');
    await api.engine.reach(high, 'COMPLETED');
  });

  test('whose lease ran out are given to another, and the late answer is refused', async () => {
    const id = await service.submit(items, 2);
    const slow = await service.claim(id);
    expect(await service.claimOnce(id)).toBeNull();
    const heard = await service.heartbeat(slow);
    expect(heard.isStopping).toBe(false);
    expect(Date.parse(heard.leaseUntil)).toBeGreaterThan(Date.parse(slow.leaseUntil));
    await service.expire(id);
    const quick = await service.claim(id);
    expect(quick).toMatchObject({ chunk: slow.chunk, attempt: 2 });
    for (const answer of [
      await service.complete(slow, toSuccesses(slow)),
      await service.heartbeat(slow),
      await service.fail(slow, { retryable: true }),
    ]) {
      expect(answer).toMatchObject({ __typename: 'ConflictError', state: 'RUNNING' });
    }
    await service.complete(quick, toSuccesses(quick));
    expect(await api.engine.reach(id, 'COMPLETED')).toMatchObject({ succeeded: 2 });
  });

  test('that are held when their job pauses come to their end; nothing else can be claimed', async () => {
    const id = await service.submit(items, 3, { chunkSize: 1 });
    const [one, other] = [await service.claim(id), await service.claim(id)];
    await service.control('pauseJob', id);
    expect(await service.claimOnce(id)).toBeNull();
    expect(await service.heartbeat(one)).toMatchObject({ isStopping: true, leaseUntil: one.leaseUntil });
    await service.complete(one, toSuccesses(one));
    expect(await api.engine.getJob(id)).toMatchObject({ state: 'PAUSING', succeeded: 1, running: 1 });
    await service.fail(other, { retryable: true });
    expect(await api.engine.reach(id, 'PAUSED')).toMatchObject({ succeeded: 1, running: 0, pending: 2 });
    await service.control('resumeJob', id);
    const last = [await service.claim(id), await service.claim(id)];
    // Nobody says anything any more: the pause takes them back when their time is over.
    await api.engine.services.database.pool.query(
      `update chunks set lease_until = clock_timestamp() + interval '1 second' where job_id = $1 and state = 'RUNNING'`,
      [id],
    );
    await service.control('pauseJob', id);
    expect(await api.engine.reach(id, 'PAUSED')).toMatchObject({ running: 0, pending: 2 });
    expect(await service.complete(last[0] as Claim, toSuccesses(last[0] as Claim))).toMatchObject({
      __typename: 'ConflictError',
    });
    await service.control('cancelJob', id);
    await api.engine.reach(id, 'CANCELED');
  });

  test('that pauses took from their workers are tried again as often as others when they fail', async () => {
    const id = await service.submit(items, 2);
    for (let pause = 0; pause < 3; pause += 1) {
      await service.claim(id);
      await service.control('pauseJob', id);
      await service.expire(id);
      await api.engine.services.temporal.workflows.wakeJob(id);
      await api.engine.reach(id, 'PAUSED');
      await service.control('resumeJob', id);
    }
    const states: unknown[] = [];
    for (let failure = 0; failure < 3; failure += 1)
      states.push((await service.fail(await service.claim(id), { retryable: true })).chunk.state);
    expect(states).toEqual(['PENDING', 'PENDING', 'FAILED']);
  });

  test('are committed whole or refused when their job is canceled in that moment, and neither side waits for ever', async () => {
    const { database, jobs } = api.engine.services;
    const id = await service.submit(items, 4, { chunkSize: 2 });
    const held = await service.claim(id);
    /** Postgres looks for deadlocks a second after a wait began, and then no more: whoever comes into one later is the one that is broken off. */
    const waiting = (count: number, seconds: number) =>
      waitFor(async () => {
        const { rows } = await database.pool.query(
          `select from pg_locks l join pg_stat_activity a using (pid)
           where not l.granted and a.datname = current_database() and l.waitstart < clock_timestamp() - make_interval(secs => $1)`,
          [seconds],
        );
        return rows.length === count;
      });
    const holder = await database.pool.connect();
    try {
      await holder.query('begin');
      await holder.query(`select from stages where job_id = $1 for update`, [id]);
      // It has its chunk, and waits for the stage.
      const completed = service.complete(held, toSuccesses(held));
      await waiting(1, 0);
      await jobs.cancelJob(api.engine.viewer, id);
      // The coordinator wants what is left of the job.
      await waiting(2, 1.5);
      await holder.query('commit');
      expect(await completed).toMatchObject({ chunk: { state: 'COMPLETED' } });
    } finally {
      holder.release();
    }
    expect(await api.engine.reach(id, 'CANCELED')).toMatchObject({ succeeded: 2, canceled: 2 });
  });

  test('that are held when their job is canceled are refused afterwards', async () => {
    const id = await service.submit(items, 2);
    const held = await service.claim(id);
    await service.control('cancelJob', id);
    expect(await api.engine.reach(id, 'CANCELED')).toMatchObject({ canceled: 2 });
    expect(await service.complete(held, toSuccesses(held))).toMatchObject({
      __typename: 'ConflictError',
      state: 'CANCELED',
    });
  });

  test('that fail are tried three times, and can then be retried three times', async () => {
    const id = await service.submit(items, 2, { chunkSize: 1 });
    const good = await service.claim(id);
    await service.complete(good, toSuccesses(good));
    const failures = [];
    for (const attempt of [1, 2, 3]) {
      const held = await service.claim(id);
      expect(held.attempt).toBe(attempt);
      failures.push((await service.fail(held, { retryable: true })).chunk);
    }
    expect(failures).toEqual(
      ['PENDING', 'PENDING', 'FAILED'].map((state, index) => ({ state, error: 'no disk', attempts: index + 1 })),
    );
    for (const generation of [1, 2, 3]) {
      await api.engine.reach(id, 'COMPLETED');
      expect((await service.call('retryChunks', { jobId: id })).__typename).toBe('RetryChunksPayload');
      const held = await service.claim(id);
      expect(held.items.map(({ index }) => index)).toEqual(['1']);
      expect(await service.fail(held, { retryable: false })).toMatchObject({ chunk: { state: 'FAILED' } });
      expect(await api.engine.reach(id, 'COMPLETED')).toMatchObject({ generation, succeeded: 1, failed: 1 });
    }
    expect((await service.call('retryChunks', { jobId: id })).__typename).toBe('LimitExceededError');
  });

  test('go from one stage over items to the next, with what succeeded', async () => {
    const id = await service.submit([...items, { name: 'PUBLISH' }, { name: 'NOTIFY', over: 'ITEMS' }], 3);
    const converting = await service.claim(id);
    const error = { code: 'NO', message: 'no' };
    await service.complete(converting, [{ index: 0, state: 'FAILED', error }, ...toSuccesses(converting).slice(1)]);
    await service.start(id, 'PUBLISH');
    expect(await service.claimOnce(id)).toBeNull();
    await service.drive('completeStage', id, 'PUBLISH');
    expect(await service.claimOnce(id, { stages: ['CONVERT'] })).toBeNull();
    const notifying = await service.claim(id, { stages: ['NOTIFY'] });
    expect(notifying.items.map(({ index }) => index)).toEqual(['1', '2']);
    await service.complete(notifying, toSuccesses(notifying));
    expect(await api.engine.reach(id, 'COMPLETED')).toMatchObject({ succeeded: 2, failed: 1 });
  });

  test('are not there for another project', async () => {
    const id = await service.submit(items, 1);
    const held = await service.claim(id);
    const { completeChunk } = await api.stranger.query<{ completeChunk: Refusal }>(
      `mutation ($id: ID!) { completeChunk(input: { chunkId: $id, attempt: 1, results: [{ index: 0, state: SUCCEEDED }] }) { __typename } }`,
      { id: held.chunk.id },
    );
    expect(completeChunk.__typename).toBe('NotFoundError');
    await service.complete(held, toSuccesses(held));
    await api.engine.reach(id, 'COMPLETED');
  });
});
