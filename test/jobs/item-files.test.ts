import { Readable } from 'node:stream';
import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest';
import { cleanUp } from '../../src/activities/clean-up.ts';
import { purgeJobs } from '../../src/activities/purge-jobs.ts';
import type { Job } from '../../src/database/entities/job.ts';
import { newId } from '../../src/database/new-id.ts';
import { itemFileKey } from '../../src/item-files/item-file-key.ts';
import { createTestEngine, type TestEngine } from '../support/engine.ts';
import { startWorker } from '../support/processes.ts';
import { testSecret } from '../support/secret.ts';
import { listStoredItemFiles } from '../support/stored-files.ts';
import { waitFor } from '../support/wait-for.ts';

let engine: TestEngine;

beforeAll(async () => {
  engine = await createTestEngine();
  await engine.startWorker();
});
afterAll(() => engine.close());

const files = { byteSize: 20 };

async function rows<Row extends object>(text: string, jobId: string): Promise<Row[]> {
  return (await engine.services.database.pool.query<Row>(text, [jobId])).rows;
}

const fileRows = (jobId: string) =>
  rows<{ index: number; name: string; generation: number; state: string }>(
    'select index::int as index, name, generation, state from item_files where job_id = $1 order by index, id',
    jobId,
  );

const openItems = (jobId: string) => rows('select index from open_items where job_id = $1', jobId);

const stored = (jobId: string, { config } = engine) => listStoredItemFiles(config.dataDir, jobId);

const journal = (jobId: string) =>
  rows<{ type: string; data: Record<string, unknown> }>(
    'select type, data from job_events where job_id = $1 order by sequence',
    jobId,
  );

function counts({ total, succeeded, failed, canceled }: Job) {
  return { total, succeeded, failed, canceled };
}

describe('a job that makes files', () => {
  test('keeps one of each item, and nothing that only its stages needed', async () => {
    const job = await engine.reach((await engine.submit({ options: { files } }, 6)).id, 'COMPLETED');
    expect(counts(job)).toEqual({ total: 6, succeeded: 6, failed: 0, canceled: 0 });
    expect(await fileRows(job.id)).toEqual(
      Array.from({ length: 6 }, (_, index) => ({ index, name: 'text', generation: 0, state: 'STORED' })),
    );
    expect(await stored(job.id)).toHaveLength(6);
    expect(await openItems(job.id)).toEqual([]);
  });

  test('brings each item to its end before its lane begins another', async () => {
    const lone = await engine.submit({ options: { files }, guardRails: { limits: { chunksAtOnce: 1 } } }, 3);
    await engine.reach(lone.id, 'COMPLETED');
    const done = (await journal(lone.id))
      .filter(({ type }) => type === 'ChunkCompleted')
      .map(({ data }) => `${String(data['stage'])} ${String(data['index'])}`);
    expect(done).toEqual(['DRAFT 0', 'ECHO 0', 'DRAFT 1', 'ECHO 1', 'DRAFT 2', 'ECHO 2']);
  });

  test('tells how far each item is, in its journal', async () => {
    const { id } = await engine.submit({ options: { files, delayMs: 50 } }, 1);
    await engine.reach(id, 'COMPLETED');
    const told = (await journal(id)).filter(({ type }) => type === 'ItemProgressed');
    expect(told[0]?.data).toEqual({
      stage: 'DRAFT',
      generation: 0,
      index: 0,
      key: '0',
      percent: 0,
      step: 'Part 1 of 5',
      warning: null,
    });
  });

  test('whose items fail counts each stage by the items that came into it', async () => {
    const items = [{ value: 'a' }, { fail: true }, { value: 'c' }];
    const { id } = await engine.submit({ options: { files }, source: { kind: 'inline', items } });
    const job = await engine.reach(id, 'COMPLETED');
    expect(counts(job)).toEqual({ total: 3, succeeded: 2, failed: 1, canceled: 0 });
    expect((await fileRows(id)).map(({ index }) => index)).toEqual([0, 2]);
    expect(await stored(id)).toHaveLength(2);
  });
});

describe('a retry of a job that makes files', () => {
  test('puts the files of the new run in the place of those of the old one', async () => {
    const items = [{ value: 'a', fail: true }, { value: 'b' }];
    const { id } = await engine.submit({ options: { files }, source: { kind: 'inline', items } });
    await engine.reach(id, 'COMPLETED');
    // What the item left in its first run, as a stage before the one that failed would have.
    const fileId = newId();
    const { storage, database } = engine.services;
    await storage.put(itemFileKey(id, fileId), Readable.from(['old']));
    await database.pool.query(
      `insert into item_files (job_id, id, index, name, file_name, media_type, is_kept, state, stage, generation, chunk, attempt, key, byte_size, sha256)
       values ($1, $2, 0, 'old', 'old.txt', 'text/plain', true, 'STORED', 1, 0, 0, 1, $3, 3, 'x')`,
      [id, fileId, itemFileKey(id, fileId)],
    );
    await database.pool.query(`update items set payload = '{"value":"a"}' where job_id = $1 and index = 0`, [id]);
    await engine.services.jobs.retryJob(engine.viewer, id);
    const job = await engine.reach(id, 'COMPLETED');
    expect(counts(job)).toEqual({ total: 2, succeeded: 2, failed: 0, canceled: 0 });
    await waitFor(async () => (await fileRows(id)).length === 2);
    expect(await fileRows(id)).toEqual([
      { index: 0, name: 'text', generation: 1, state: 'STORED' },
      { index: 1, name: 'text', generation: 0, state: 'STORED' },
    ]);
    expect(await stored(id)).toHaveLength(2);
  });
});

describe('a job that makes files and stops', () => {
  test('pauses, resumes, and has made each file once', async () => {
    const { id } = await engine.submit({ options: { files, delayMs: 300 } }, 8);
    await waitFor(async () => (await engine.getJob(id)).succeeded > 0);
    await engine.services.jobs.pauseJob(engine.viewer, id);
    const paused = await engine.reach(id, 'PAUSED');
    expect(paused.running).toBe(0);
    await engine.services.jobs.resumeJob(engine.viewer, id);
    const job = await engine.reach(id, 'COMPLETED');
    expect(counts(job)).toEqual({ total: 8, succeeded: 8, failed: 0, canceled: 0 });
    expect(await stored(id)).toHaveLength(8);
  });

  test('leaves, when it is canceled, the files of items that had ended and no others', async () => {
    const { id } = await engine.submit({ options: { files, delayMs: 500 } }, 20);
    await waitFor(async () => (await engine.getJob(id)).succeeded > 0);
    await engine.services.jobs.cancelJob(engine.viewer, id);
    const job = await engine.reach(id, 'CANCELED');
    const kept = (await fileRows(id)).filter(({ state }) => state === 'STORED');
    expect(kept).toHaveLength(job.succeeded);
    expect(new Set(kept.map(({ name }) => name))).toEqual(new Set(['text']));
    expect(await openItems(id)).toEqual([]);
    await agePending(id);
    await sweep();
    expect(await stored(id)).toHaveLength(job.succeeded);
  });

  test('waits for approval after its canary, whose items have their files', async () => {
    const canary = { items: 2, percent: null };
    const { id } = await engine.submit({ options: { files }, guardRails: { canary } }, 5);
    await engine.reach(id, 'PAUSED');
    expect(await stored(id)).toHaveLength(2);
    await engine.services.jobs.approveJob(engine.viewer, id);
    const job = await engine.reach(id, 'COMPLETED');
    expect(counts(job)).toEqual({ total: 5, succeeded: 5, failed: 0, canceled: 0 });
    expect(await stored(id)).toHaveLength(5);
  });
});

describe('files of a job that goes', () => {
  test('go with it', async () => {
    const { id } = await engine.reach((await engine.submit({ options: { files } }, 3)).id, 'COMPLETED');
    await engine.services.jobs.deleteJob(engine.viewer, id);
    await engine.services.database.pool.query('update jobs set purge_at = now() where id = $1', [id]);
    await purgeJobs(engine.services);
    expect(await stored(id)).toEqual([]);
    expect(await fileRows(id)).toEqual([]);
  });
});

describe('what a dead attempt has stored', () => {
  test('is swept once nobody can be writing it any more, and nothing else is', async () => {
    const { id } = await engine.reach((await engine.submit({ options: { files } }, 2)).id, 'COMPLETED');
    const orphan = newId();
    const { storage, database } = engine.services;
    await storage.put(itemFileKey(id, orphan), Readable.from(['orphan']));
    await database.pool.query(
      `insert into item_files (job_id, id, index, name, file_name, media_type, is_kept, state, stage, generation, chunk, attempt, key)
       values ($1, $2, 0, 'text', 'a.txt', 'text/plain', true, 'WRITING', 1, 0, 0, 1, $3)`,
      [id, orphan, itemFileKey(id, orphan)],
    );
    await sweep();
    expect(await stored(id)).toHaveLength(3);
    await agePending(id);
    await sweep();
    expect(await stored(id)).toHaveLength(2);
    expect(await fileRows(id)).toHaveLength(2);
  });
});

test('20 items whose worker is killed again and again have 20 files, each committed once', async () => {
  const victims = await createTestEngine();
  try {
    const { config, services } = victims;
    const surroundings = {
      databaseUrl: config.databaseUrl,
      temporalAddress: inject('temporalAddress'),
      taskQueue: config.temporal.taskQueue,
      dataDir: config.dataDir,
      env: { LONGHAUL_SECRET: testSecret, LONGHAUL_WORKER_QUEUES: 'default=4' },
    };
    const { id } = await victims.submit({ options: { files, delayMs: 400 } }, 20);
    for (const ended of [2, 8]) {
      await using worker = await startWorker(surroundings);
      await waitFor(async () => (await victims.getJob(id)).succeeded >= ended, { everyMs: 5, timeoutMs: 50_000 });
      await worker.kill9();
    }
    await using _ = await startWorker(surroundings);
    const job = await victims.reach(id, 'COMPLETED');
    expect(counts(job)).toEqual({ total: 20, succeeded: 20, failed: 0, canceled: 0 });
    const { rows: commits } = await services.database.pool.query(
      `select data->>'stage' as stage, count(*)::int as times, count(distinct data->>'index')::int as chunks
       from job_events where job_id = $1 and type = 'ChunkCompleted' group by 1 order by 1`,
      [id],
    );
    expect(commits).toEqual([
      { stage: 'DRAFT', times: 20, chunks: 20 },
      { stage: 'ECHO', times: 20, chunks: 20 },
    ]);
    const kept = await services.itemFiles.listFiles(Array.from({ length: 20 }, (_, index) => ({ jobId: id, index })));
    expect(kept.map(({ index, byteSize }) => ({ index, byteSize }))).toEqual(
      Array.from({ length: 20 }, (_, index) => ({ index, byteSize: 20 })),
    );
    // What a kill came before is swept later.
    await agePending(id, victims);
    await sweep(victims);
    const names = kept.map((file) => file.id).sort();
    expect((await stored(id, victims)).filter((name) => !name.startsWith('.'))).toEqual(names);
  } finally {
    await victims.close();
  }
}, 120_000);

describe('many items that make files', () => {
  test('run in partitions as well, each brought to its end before its lane begins another', async () => {
    const many = await createTestEngine();
    try {
      await many.startWorker({ directChunks: 4, window: 2 });
      const { id } = await many.submit({ options: { files } }, 12);
      const job = await many.reach(id, 'COMPLETED');
      expect(counts(job)).toEqual({ total: 12, succeeded: 12, failed: 0, canceled: 0 });
      expect(await stored(id, many)).toHaveLength(12);
    } finally {
      await many.close();
    }
  });

  test('can be canceled while their partitions wait for a worker that is not there', async () => {
    const many = await createTestEngine();
    try {
      await many.startWorker({ directChunks: 4, window: 2 });
      const { id } = await many.submit({ options: { files: { ...files, worker: 'ENCODE' } } }, 12);
      await waitFor(async () => {
        const { rows: stages } = await many.services.database.pool.query(
          `select from stages where job_id = $1 and name = 'DRAFT' and state = 'RUNNING'`,
          [id],
        );
        return stages.length > 0;
      });
      await many.services.jobs.cancelJob(many.viewer, id);
      const job = await many.reach(id, 'CANCELED');
      expect(counts(job)).toEqual({ total: 12, succeeded: 0, failed: 0, canceled: 12 });
    } finally {
      await many.close();
    }
  });
});

/** As if an hour had passed since the files of a job were given up or begun. */
async function agePending(jobId: string, { services } = engine): Promise<void> {
  await services.database.pool.query(
    `update item_files set state_at = state_at - interval '61 minutes' where job_id = $1 and state <> 'STORED'`,
    [jobId],
  );
}

async function sweep({ services, config } = engine): Promise<void> {
  await cleanUp({ ...services, config });
}
