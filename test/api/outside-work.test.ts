import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { startTestApi, type TestApi } from '../support/api.ts';
import { waitFor } from '../support/wait-for.ts';

let api: TestApi;

beforeAll(async () => {
  api = await startTestApi();
  await api.engine.startWorker();
});
afterAll(() => api.close());

interface Refusal {
  __typename: string;
  message?: string;
  state?: string | null;
  issues?: { path: string[]; message: string }[];
}
const errors =
  '... on Error { message ... on ConflictError { state } ... on InvalidInputError { issues { path message } } }';

async function call<Payload>(mutation: string, input: object, selection: string): Promise<Refusal & Payload> {
  const name = mutation.charAt(0).toUpperCase() + mutation.slice(1);
  const answer = await api.client.query<Record<string, Refusal & Payload>>(
    `mutation ($input: ${name}Input!) { ${mutation}(input: $input) { __typename ${errors} ... on ${name}Payload { ${selection} } } }`,
    { input },
  );
  return answer[mutation] as Refusal & Payload;
}

async function submitExternal(stages: object[], count: number, input: object = {}): Promise<string> {
  const items = Array.from({ length: count }, (_, index) => ({
    key: `item ${index}`,
    url: `https://example.com/${index}`,
  }));
  const { job } = await call<{ job: { id: string } }>(
    'submitJob',
    { title: 'Outside', spec: { external: { stages } }, source: { inline: { items } }, ...input },
    'job { id }',
  );
  return Buffer.from(job.id, 'base64').toString().replace('Job:', '');
}

const drive = async (mutation: string, jobId: string, stage: string, input: object = {}) =>
  await call(mutation, { jobId, stage, ...input }, '__typename');

/** Starts a stage once its job has come to it. */
async function start(jobId: string, stage: string): Promise<void> {
  await waitFor(async () => (await drive('startStage', jobId, stage)).__typename === 'StartStagePayload', {
    description: `stage ${stage} to be started`,
  });
}

interface Claim {
  chunk: { id: string; firstItem: string };
  stage: string;
  attempt: number;
  leaseUntil: string;
  items: { index: string; key: string; input: { url: string } }[];
}

async function claimOnce(jobId: string | null, input: object = {}): Promise<Claim | null> {
  const { claim } = await call<{ claim: Claim | null }>(
    'claimChunk',
    { workerId: 'worker', jobId, ...input },
    'claim { chunk { id firstItem } stage attempt leaseUntil items { index key input } }',
  );
  return claim;
}

const claim = async (jobId: string, input: object = {}): Promise<Claim> =>
  await waitFor(() => claimOnce(jobId, input), { description: `a chunk of job ${jobId}` });

const succeed = ({ items }: Claim): object[] => items.map(({ index }) => ({ index, state: 'SUCCEEDED' }));

const complete = async ({ chunk, attempt }: Claim, results: object[]) =>
  await call<{ chunk: { state: string } }>('completeChunk', { chunkId: chunk.id, attempt, results }, 'chunk { state }');

const fail = async ({ chunk, attempt }: Claim, retryable: boolean) =>
  await call<{ chunk: { state: string; error: string; attempts: number } }>(
    'failChunk',
    { chunkId: chunk.id, attempt, message: 'no disk', retryable },
    'chunk { state error attempts }',
  );

const heartbeat = async ({ chunk, attempt }: Claim) =>
  await call<{ leaseUntil: string; isStopping: boolean }>(
    'heartbeatChunk',
    { chunkId: chunk.id, attempt, leaseSeconds: 600 },
    'leaseUntil isStopping',
  );

const control = async (action: 'pauseJob' | 'resumeJob' | 'cancelJob' | 'retryJob', jobId: string) =>
  await api.engine.services.jobs[action](api.engine.viewer, jobId);

/** As if the time of all leases of the job were over. */
const expire = async (jobId: string) =>
  await api.engine.services.database.pool.query(
    `update chunks set lease_until = clock_timestamp() - interval '1 second' where job_id = $1 and lease_until is not null`,
    [jobId],
  );

interface StageView {
  name: string;
  state: string;
  percent: number;
  total: string;
  completed: string;
  failed: string;
  metadata: unknown;
  error: string | null;
}

async function stageOf(jobId: string, name: string): Promise<StageView | undefined> {
  const { job } = await api.client.query<{ job: { stages: StageView[] } }>(
    'query ($id: ID!) { job(id: $id) { stages { name state percent total completed failed metadata error } } }',
    { id: jobId },
  );
  return job.stages.find((stage) => stage.name === name);
}

const items = [{ name: 'CONVERT', over: 'ITEMS' }];

describe('stages that a service drives', () => {
  const two = [{ name: 'CONTENT_FETCH' }, { name: 'EXPORT_GENERATION' }];

  test('go one after the other, with their figures and notes, to the end of the job', async () => {
    const id = await submitExternal(two, 0);
    await start(id, 'CONTENT_FETCH');
    expect(await drive('startStage', id, 'CONTENT_FETCH')).toMatchObject({
      __typename: 'ConflictError',
      state: 'RUNNING',
    });
    expect(await drive('startStage', id, 'EXPORT_GENERATION')).toMatchObject({
      __typename: 'ConflictError',
      state: 'PENDING',
    });
    expect(await drive('completeStage', id, 'EXPORT_GENERATION')).toMatchObject({ __typename: 'ConflictError' });
    expect(await drive('startStage', id, 'NOTHING')).toMatchObject({ __typename: 'NotFoundError' });
    await drive('updateStageProgress', id, 'CONTENT_FETCH', { total: 40, completed: 10, metadata: { page: 1 } });
    await drive('updateStageProgress', id, 'CONTENT_FETCH', { completed: 20, failed: 3, metadata: { cursor: 'x' } });
    expect(await stageOf(id, 'CONTENT_FETCH')).toEqual({
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
    expect(await drive('updateStageProgress', id, 'CONTENT_FETCH', { completed: 41 })).toMatchObject({
      __typename: 'InvalidInputError',
      issues: [{ path: ['completed'] }],
    });
    expect((await drive('completeStage', id, 'CONTENT_FETCH', { completed: 40 })).__typename).toBe(
      'CompleteStagePayload',
    );
    expect((await drive('completeStage', id, 'CONTENT_FETCH')).__typename).toBe('CompleteStagePayload');
    await start(id, 'EXPORT_GENERATION');
    await drive('completeStage', id, 'EXPORT_GENERATION');
    await api.engine.reach(id, 'COMPLETED');
    const journal = (await api.follow(id)).map(({ __typename }) => __typename);
    expect(journal.filter((type) => type !== 'JobStateChanged' && type !== 'JobSubmitted').join(' ')).toBe(
      'StageStarted StageCompleted StageStarted StageProgressed StageProgressed StageCompleted ' +
        'StageStarted StageCompleted StageStarted StageCompleted',
    );
  });

  test('may fail for now and be started again, but not before their time', async () => {
    const id = await submitExternal([{ name: 'CONTENT_FETCH' }], 0);
    await start(id, 'CONTENT_FETCH');
    const failure = { error: 'Too many requests', retryAfterMs: 60_000, metadata: { errorType: 'RATE_LIMIT' } };
    expect((await drive('failStage', id, 'CONTENT_FETCH', failure)).__typename).toBe('FailStagePayload');
    expect(await stageOf(id, 'CONTENT_FETCH')).toMatchObject({
      state: 'PENDING',
      error: 'Too many requests',
      metadata: { errorType: 'RATE_LIMIT' },
    });
    expect(await drive('startStage', id, 'CONTENT_FETCH')).toMatchObject({
      __typename: 'ConflictError',
      state: 'PENDING',
    });
    await api.engine.services.database.pool.query('update stages set retry_at = now() where job_id = $1', [id]);
    await start(id, 'CONTENT_FETCH');
    await drive('completeStage', id, 'CONTENT_FETCH');
    await api.engine.reach(id, 'COMPLETED');
  });

  test('that fail for good fail their job, which a retry takes up at that stage', async () => {
    const id = await submitExternal(two, 0);
    await start(id, 'CONTENT_FETCH');
    await drive('completeStage', id, 'CONTENT_FETCH');
    await start(id, 'EXPORT_GENERATION');
    await drive('failStage', id, 'EXPORT_GENERATION', { error: 'The disk is full' });
    expect(await api.engine.reach(id, 'FAILED')).toMatchObject({ error: 'The disk is full' });
    await control('retryJob', id);
    await start(id, 'EXPORT_GENERATION');
    await drive('completeStage', id, 'EXPORT_GENERATION');
    await api.engine.reach(id, 'COMPLETED');
  });

  test('stay as they are when their job is retried', async () => {
    const id = await submitExternal([{ name: 'FETCH' }], 0);
    await start(id, 'FETCH');
    await drive('failStage', id, 'FETCH', { error: 'gone' });
    expect(
      await call('retryJob', { jobId: id, spec: { external: { stages: [{ name: 'OTHER' }] } } }, '__typename'),
    ).toMatchObject({
      __typename: 'InvalidInputError',
      issues: [{ path: ['spec', 'external'] }],
    });
  });

  test('stand still while their job is paused', async () => {
    const id = await submitExternal(two, 0);
    await start(id, 'CONTENT_FETCH');
    await control('pauseJob', id);
    await api.engine.reach(id, 'PAUSED');
    expect(await drive('updateStageProgress', id, 'CONTENT_FETCH', { completed: 1 })).toMatchObject({
      __typename: 'ConflictError',
      state: 'PAUSED',
    });
    await control('resumeJob', id);
    expect((await drive('updateStageProgress', id, 'CONTENT_FETCH', { completed: 1 })).__typename).toBe(
      'UpdateStageProgressPayload',
    );
    await control('cancelJob', id);
    await api.engine.reach(id, 'CANCELED');
    expect(await drive('completeStage', id, 'CONTENT_FETCH')).toMatchObject({
      __typename: 'ConflictError',
      state: 'CANCELED',
    });
  });

  test('over no items leave none behind unnoticed', async () => {
    const id = await submitExternal([{ name: 'CONTENT_FETCH' }], 2);
    await start(id, 'CONTENT_FETCH');
    await drive('completeStage', id, 'CONTENT_FETCH');
    expect((await api.engine.reach(id, 'FAILED')).error).toContain('No stage of the job is over its 2 items');
  });
});

describe('chunks that workers outside run', () => {
  test('bring typed results through the same commits, and a redrive offers only what failed', async () => {
    const id = await submitExternal(items, 5, { chunkSize: 3 });
    const first = await claim(id);
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
    expect(await complete(first, results)).toMatchObject({ chunk: { state: 'COMPLETED' } });
    expect(await complete(first, results)).toMatchObject({ chunk: { state: 'COMPLETED' } });
    const second = await claim(id);
    await complete(second, succeed(second));
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
    await control('retryJob', id);
    const again = await claim(id);
    expect(again.items.map(({ index }) => index)).toEqual(['1']);
    await complete(again, succeed(again));
    expect(await api.engine.reach(id, 'COMPLETED')).toMatchObject({
      generation: 1,
      succeeded: 4,
      failed: 0,
      skipped: 1,
    });
  });

  test('are refused results that do not fit, whole, with the place of each problem', async () => {
    const id = await submitExternal(items, 2);
    const held = await claim(id);
    const refused: [object[], string][] = [
      [[{ index: 0, state: 'SUCCEEDED' }], 'Item 1 has no result.'],
      [[...succeed(held), { index: 7, state: 'SUCCEEDED' }], 'Item 7 is not among those that were claimed.'],
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
      const answer = await complete(held, results);
      expect(answer.__typename).toBe('InvalidInputError');
      expect(answer.issues?.[0]?.message).toContain(message);
    }
    expect(await api.engine.getJob(id)).toMatchObject({ running: 2, succeeded: 0 });
    await complete(held, succeed(held));
    await api.engine.reach(id, 'COMPLETED');
  });

  test('are handed out once each, those of the highest priority first', async () => {
    const low = await submitExternal(items, 2, { chunkSize: 1, chunkPriority: 1 });
    const high = await submitExternal(items, 4, { chunkSize: 1, chunkPriority: 9 });
    const isOpen = async (id: string) => (await stageOf(id, 'CONVERT'))?.state === 'RUNNING';
    await waitFor(async () => (await isOpen(low)) && (await isOpen(high)));
    const early = await Promise.all(Array.from({ length: 4 }, () => claimOnce(null)));
    const late = await Promise.all(Array.from({ length: 4 }, () => claimOnce(null)));
    const jobs = (claims: (Claim | null)[]) =>
      claims.flatMap((each) => (each ? [Buffer.from(each.chunk.id, 'base64').toString()] : [])).toSorted();
    expect(jobs(early)).toEqual([0, 1, 2, 3].map((index) => `Chunk:${high}/1/0/${index}`));
    expect(jobs(late)).toEqual([0, 1].map((index) => `Chunk:${low}/1/0/${index}`));
    await Promise.all([...early, ...late].map(async (each) => each && (await complete(each, succeed(each)))));
    await api.engine.reach(low, 'COMPLETED');
    await api.engine.reach(high, 'COMPLETED');
  });

  test('whose lease ran out are given to another, and the late answer is refused', async () => {
    const id = await submitExternal(items, 2);
    const slow = await claim(id);
    expect(await claimOnce(id)).toBeNull();
    const heard = await heartbeat(slow);
    expect(heard.isStopping).toBe(false);
    expect(Date.parse(heard.leaseUntil)).toBeGreaterThan(Date.parse(slow.leaseUntil));
    await expire(id);
    const quick = await claim(id);
    expect(quick).toMatchObject({ chunk: slow.chunk, attempt: 2 });
    for (const answer of [await complete(slow, succeed(slow)), await heartbeat(slow), await fail(slow, true)]) {
      expect(answer).toMatchObject({ __typename: 'ConflictError', state: 'RUNNING' });
    }
    await complete(quick, succeed(quick));
    expect(await api.engine.reach(id, 'COMPLETED')).toMatchObject({ succeeded: 2 });
  });

  test('that are held when their job pauses come to their end; nothing else can be claimed', async () => {
    const id = await submitExternal(items, 3, { chunkSize: 1 });
    const [one, other] = [await claim(id), await claim(id)];
    await control('pauseJob', id);
    expect(await claimOnce(id)).toBeNull();
    expect(await heartbeat(one)).toMatchObject({ isStopping: true, leaseUntil: one.leaseUntil });
    await complete(one, succeed(one));
    expect(await api.engine.getJob(id)).toMatchObject({ state: 'PAUSING', succeeded: 1, running: 1 });
    await fail(other, true);
    expect(await api.engine.reach(id, 'PAUSED')).toMatchObject({ succeeded: 1, running: 0, pending: 2 });
    await control('resumeJob', id);
    const last = [await claim(id), await claim(id)];
    // Nobody says anything any more: the pause takes them back when their time is over.
    await api.engine.services.database.pool.query(
      `update chunks set lease_until = clock_timestamp() + interval '1 second' where job_id = $1 and state = 'RUNNING'`,
      [id],
    );
    await control('pauseJob', id);
    expect(await api.engine.reach(id, 'PAUSED')).toMatchObject({ running: 0, pending: 2 });
    expect(await complete(last[0] as Claim, succeed(last[0] as Claim))).toMatchObject({ __typename: 'ConflictError' });
    await control('cancelJob', id);
    await api.engine.reach(id, 'CANCELED');
  });

  test('that pauses took from their workers are tried again as often as others when they fail', async () => {
    const id = await submitExternal(items, 2);
    for (let pause = 0; pause < 3; pause += 1) {
      await claim(id);
      await control('pauseJob', id);
      await expire(id);
      await api.engine.services.temporal.workflows.wakeJob(id);
      await api.engine.reach(id, 'PAUSED');
      await control('resumeJob', id);
    }
    const states: unknown[] = [];
    for (let failure = 0; failure < 3; failure += 1) states.push((await fail(await claim(id), true)).chunk.state);
    expect(states).toEqual(['PENDING', 'PENDING', 'FAILED']);
  });

  test('are committed whole or refused when their job is canceled in that moment, and neither side waits for ever', async () => {
    const { database, jobs } = api.engine.services;
    const id = await submitExternal(items, 4, { chunkSize: 2 });
    const held = await claim(id);
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
      const completed = complete(held, succeed(held));
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
    const id = await submitExternal(items, 2);
    const held = await claim(id);
    await control('cancelJob', id);
    expect(await api.engine.reach(id, 'CANCELED')).toMatchObject({ canceled: 2 });
    expect(await complete(held, succeed(held))).toMatchObject({ __typename: 'ConflictError', state: 'CANCELED' });
  });

  test('that fail are tried three times, and can then be retried three times', async () => {
    const id = await submitExternal(items, 2, { chunkSize: 1 });
    const good = await claim(id);
    await complete(good, succeed(good));
    const failures = [];
    for (const attempt of [1, 2, 3]) {
      const held = await claim(id);
      expect(held.attempt).toBe(attempt);
      failures.push((await fail(held, true)).chunk);
    }
    expect(failures).toEqual(
      ['PENDING', 'PENDING', 'FAILED'].map((state, index) => ({ state, error: 'no disk', attempts: index + 1 })),
    );
    for (const generation of [1, 2, 3]) {
      await api.engine.reach(id, 'COMPLETED');
      expect((await call('retryChunks', { jobId: id }, '__typename')).__typename).toBe('RetryChunksPayload');
      const held = await claim(id);
      expect(held.items.map(({ index }) => index)).toEqual(['1']);
      expect(await fail(held, false)).toMatchObject({ chunk: { state: 'FAILED' } });
      expect(await api.engine.reach(id, 'COMPLETED')).toMatchObject({ generation, succeeded: 1, failed: 1 });
    }
    expect((await call('retryChunks', { jobId: id }, '__typename')).__typename).toBe('LimitExceededError');
  });

  test('go from one stage over items to the next, with what succeeded', async () => {
    const id = await submitExternal([...items, { name: 'PUBLISH' }, { name: 'NOTIFY', over: 'ITEMS' }], 3);
    const converting = await claim(id);
    const error = { code: 'NO', message: 'no' };
    await complete(converting, [{ index: 0, state: 'FAILED', error }, ...succeed(converting).slice(1)]);
    await start(id, 'PUBLISH');
    expect(await claimOnce(id)).toBeNull();
    await drive('completeStage', id, 'PUBLISH');
    expect(await claimOnce(id, { stages: ['CONVERT'] })).toBeNull();
    const notifying = await claim(id, { stages: ['NOTIFY'] });
    expect(notifying.items.map(({ index }) => index)).toEqual(['1', '2']);
    await complete(notifying, succeed(notifying));
    expect(await api.engine.reach(id, 'COMPLETED')).toMatchObject({ succeeded: 2, failed: 1 });
  });

  test('are held to the rails of their job: its canary, chunks at a time, and breaker', async () => {
    const { pool } = api.engine.services.database;
    const stages = [{ name: 'TRAIN' }, { name: 'CONVERT', over: 'ITEMS' }, { name: 'CHECK_IT', over: 'ITEMS' }];
    const id = await submitExternal(stages, 40, {
      chunkSize: 2,
      canary: { items: 4 },
      breaker: { failures: 3 },
      limits: { chunksAtOnce: 2 },
    });
    await start(id, 'TRAIN');
    expect(await claimOnce(id)).toBeNull();
    await drive('completeStage', id, 'TRAIN');
    const canary = [await claim(id), await claim(id)];
    expect(canary.map(({ chunk }) => chunk.firstItem)).toEqual(['0', '2']);
    expect(await claimOnce(id)).toBeNull();
    for (const each of canary) await complete(each, succeed(each));
    // The others of CONVERT wait until the canary is through CHECK_IT as well.
    const checked = [await claim(id), await claim(id)];
    expect(checked.map(({ stage }) => stage)).toEqual(['CHECK_IT', 'CHECK_IT']);
    for (const each of checked) await complete(each, succeed(each));
    expect(await api.engine.reach(id, 'PAUSED')).toMatchObject({ pauseReason: 'APPROVAL', succeeded: 4, pending: 36 });

    await api.engine.services.jobs.approveJob(api.engine.viewer, id);
    const [first, second] = [await claim(id), await claim(id)];
    expect([first, second].map(({ stage, chunk }) => [stage, chunk.firstItem])).toEqual([
      ['CONVERT', '4'],
      ['CONVERT', '6'],
    ]);
    expect(await claimOnce(id)).toBeNull();
    await fail(first, false);
    const third = await claim(id);
    // The breaker trips; what is held comes to its end before the job is PAUSED.
    await fail(third, false);
    await waitFor(async () => (await heartbeat(second)).isStopping, { description: 'the holder to be told' });
    expect((await api.engine.getJob(id)).state).toBe('PAUSING');
    expect(await complete(second, succeed(second))).toMatchObject({ chunk: { state: 'COMPLETED' } });
    expect(await api.engine.reach(id, 'PAUSED')).toMatchObject({ pauseReason: 'BREAKER', failed: 4, running: 0 });
    const { rows } = await pool.query('select name from stages where job_id = $1 and external order by position', [id]);
    expect(rows).toHaveLength(3);
  });

  test('are left for a deadline, which does not wait for their leases', async () => {
    const { pool } = api.engine.services.database;
    const id = await submitExternal(items, 2, { chunkSize: 1, deadlineMinutes: 10 });
    const held = await claim(id);
    await pool.query(`update jobs set deadline_at = clock_timestamp() where id = $1`, [id]);
    await pool.query(`update guard_rails set due_at = clock_timestamp() where job_id = $1`, [id]);
    // The next claim finds it, and tells the job.
    expect(await claimOnce(id)).toBeNull();
    await api.engine.reach(id, 'FAILED');
    expect(await complete(held, succeed(held))).toMatchObject({ __typename: 'ConflictError' });
  });

  test('are none in a dry run, which holds the items to their schema', async () => {
    const id = await submitExternal([{ name: 'TRAIN' }, ...items], 3, { dryRun: true });
    expect(await api.engine.reach(id, 'COMPLETED', 'FAILED')).toMatchObject({ state: 'COMPLETED', succeeded: 3 });
    expect(await stageOf(id, 'CHECK')).toMatchObject({ percent: 100, completed: '3' });
    expect(await stageOf(id, 'TRAIN')).toBeUndefined();
  });

  test('cannot have a canary that a stage of a service lies in the middle of', async () => {
    const stages = [{ name: 'CONVERT', over: 'ITEMS' }, { name: 'TRAIN' }, { name: 'CHECK_IT', over: 'ITEMS' }];
    expect(
      await call(
        'submitJob',
        { title: 'Outside', spec: { external: { stages } }, source: { inline: { items: [] } }, canary: { items: 1 } },
        '__typename',
      ),
    ).toMatchObject({ __typename: 'InvalidInputError', issues: [{ path: ['canary'] }] });
  });

  test('of a job that is not there are refused, so that no worker waits for them for ever', async () => {
    const jobId = '01a20ecf-1cb7-7000-b3ac-7c910d0a1b84';
    expect(await call('claimChunk', { workerId: 'worker', jobId }, '__typename')).toMatchObject({
      message: `There is no job "${jobId}".`,
    });
  });

  test('are not there for another project', async () => {
    const id = await submitExternal(items, 1);
    const held = await claim(id);
    const { completeChunk } = await api.stranger.query<{ completeChunk: Refusal }>(
      `mutation ($id: ID!) { completeChunk(input: { chunkId: $id, attempt: 1, results: [{ index: 0, state: SUCCEEDED }] }) { __typename } }`,
      { id: held.chunk.id },
    );
    expect(completeChunk.__typename).toBe('NotFoundError');
    await complete(held, succeed(held));
    await api.engine.reach(id, 'COMPLETED');
  });
});
