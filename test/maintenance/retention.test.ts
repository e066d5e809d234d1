import { Readable } from 'node:stream';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { cleanUp } from '../../src/activities/clean-up.ts';
import { purgeJobs } from '../../src/activities/purge-jobs.ts';
import { writeExport } from '../../src/activities/write-export.ts';
import { ExportEntity } from '../../src/database/entities/export.ts';
import { newId } from '../../src/database/new-id.ts';
import { ConflictError } from '../../src/domain/errors.ts';
import { exportFileKey } from '../../src/exports/storage-key.ts';
import type { Viewer } from '../../src/jobs/commands.ts';
import { createContext, query } from '../support/graphql-context.ts';
import { seedJob, type Seed } from '../support/seed-job.ts';
import { seedReadingJob } from '../support/seed-reading-job.ts';
import { createTestEngine, echoCommand, type TestEngine } from '../support/engine.ts';
import { createTestProject } from '../support/project.ts';

let engine: TestEngine;

beforeAll(async () => {
  engine = await createTestEngine();
});
afterAll(() => engine.close());

const hours = 3_600_000;
const completed = { state: 'COMPLETED', total: 20, ended: 20, chunkSize: 5 } as const;

/** A job that ended so many hours ago. */
async function seedEnded(viewer: Viewer, hoursAgo: number, seed: Partial<Seed> = {}): Promise<string> {
  const id = await seedJob(engine.services.database, viewer, { ...completed, ...seed });
  await engine.services.database.pool.query(
    'update jobs set completed_at = now() - make_interval(secs => $2) where id = $1',
    [id, hoursAgo * 3_600],
  );
  return id;
}

async function seedExport(viewer: Viewer, jobId: string, expiresInMs: number): Promise<string> {
  const { database, storage } = engine.services;
  const expiresAt = new Date(Date.now() + expiresInMs);
  const seeded = { id: newId(), jobId, projectId: viewer.projectId, attempt: 1, expiresAt } as const;
  await database.em().insert(ExportEntity, { ...seeded, format: 'CSV', content: 'ITEMS', state: 'COMPLETED' });
  await storage.put(exportFileKey(seeded), Readable.from(['x']));
  return seeded.id;
}

async function cleanEverything(defaults: { jobTtlMs?: number; itemTtlMs?: number } = {}, limit?: number) {
  const config = { ...engine.config, ...defaults };
  for (let calls = 1; ; calls += 1) if (await cleanUp({ ...engine.services, config }, limit)) return calls;
}

async function purgeEverything(rows = 20_000): Promise<number> {
  await engine.services.database.pool.query('update jobs set purge_at = now() where purge_at is not null');
  for (let calls = 1; ; calls += 1) if (await purgeJobs(engine.services, { rows })) return calls;
}

const tables = ['items', 'item_results', 'aggregate_parts', 'chunks', 'job_events', 'exports', 'stages'];

async function countRows(jobId: string): Promise<Record<string, number>> {
  const { rows } = await engine.services.database.pool.query<Record<string, number>>(
    `select ${tables.map((table) => `(select count(*)::int from ${table} where job_id = $1) as ${table}`).join(', ')},
       (select count(*)::int from jobs where id = $1) as jobs`,
    [jobId],
  );
  return rows[0] ?? {};
}

describe('the retention of a project', () => {
  const document = `mutation ($input: UpdateRetentionInput!) { updateRetention(input: $input) {
    ... on UpdateRetentionPayload { retention { jobs { hours isDefault } items { hours isDefault } exports { hours isDefault } uploads { hours isDefault } } }
    ... on InvalidInputError { message issues { field } } } }`;

  it('is what was said last, and otherwise what the installation says', async () => {
    const viewer = await createTestProject(engine.services.database);
    const { database, retention } = engine.services;
    const context = createContext(database, viewer, { retention });
    await query(context, document, { input: { jobs: 720, items: 24, exports: 48 } });
    const changed = { jobs: { hours: 720, isDefault: false }, uploads: { hours: 1, isDefault: true } };
    expect(await query(context, document, { input: { items: null, exports: 1.5 } })).toEqual({
      updateRetention: {
        retention: { ...changed, items: { hours: null, isDefault: true }, exports: { hours: 1.5, isDefault: false } },
      },
    });
    expect(await query(context, '{ viewer { project { retention { jobs { hours } } } } }')).toEqual({
      viewer: { project: { retention: { jobs: { hours: 720 } } } },
    });
    expect(await query(context, document, { input: { jobs: 0, uploads: 24 } })).toEqual({
      updateRetention: {
        message: 'jobs must be between 1 and 876000 hours, not 0.',
        issues: [{ field: 'jobs' }],
      },
    });
    expect((await retention.findRetention(viewer)).uploads).toEqual({ hours: 1, isDefault: true });
  });

  it('says how long a new upload is kept', async () => {
    const viewer = await createTestProject(engine.services.database);
    await engine.services.retention.updateRetention(viewer, { uploads: 1_000 });
    const { createdAt, expiresAt } = await engine.services.uploads.createUpload(viewer, { fileName: 'a.csv' });
    expect(expiresAt.getTime() - createdAt.getTime()).toBe(1_000 * hours);
  });
});

describe('a job whose time is over', () => {
  it('is deleted as by hand, and others stay', async () => {
    const { database, retention, reads } = engine.services;
    const viewer = await createTestProject(database);
    const other = await createTestProject(database);
    await retention.updateRetention(viewer, { jobs: 10 });
    const old = await seedEnded(viewer, 11);
    const [young, others] = [await seedEnded(viewer, 9), await seedEnded(other, 1_000)];
    const running = await seedJob(database, viewer, { ...completed, state: 'RUNNING', ended: 10 });
    await cleanEverything();
    expect(await reads.findJob(viewer, old)).toBeNull();
    for (const id of [young, running]) expect(await reads.findJob(viewer, id)).not.toBeNull();
    expect(await reads.findJob(other, others)).not.toBeNull();
    await purgeEverything();
    expect(Object.values(await countRows(old)).every((count) => count === 0)).toBe(true);
    expect(await countRows(young)).toMatchObject({ jobs: 1, items: 20, item_results: 20 });
  });

  it('goes by the default of the installation where its project says nothing', async () => {
    const viewer = await createTestProject(engine.services.database);
    const old = await seedEnded(viewer, 3);
    await cleanEverything({ jobTtlMs: 4 * hours });
    expect(await engine.services.reads.findJob(viewer, old)).not.toBeNull();
    await cleanEverything({ jobTtlMs: 2 * hours });
    expect(await engine.services.reads.findJob(viewer, old)).toBeNull();
  });

  it('stays while an export of it can be downloaded, and while another job reads its items', async () => {
    const { database, retention, reads } = engine.services;
    const viewer = await createTestProject(database);
    await retention.updateRetention(viewer, { jobs: 1, items: 1 });
    const [exported, read] = [await seedEnded(viewer, 2), await seedEnded(viewer, 2)];
    await seedExport(viewer, exported, hours);
    const source = { kind: 'job', jobId: read, items: 'ALL', endedAt: new Date().toISOString() } as const;
    const reader = await seedReadingJob(database, { projectId: viewer.projectId, source });
    await cleanEverything();
    expect(await reads.findJob(viewer, exported)).not.toBeNull();
    expect(await reads.findJob(viewer, read)).toMatchObject({ itemsDeletedAt: null });

    await database.pool.query(`update exports set expires_at = now() where job_id = $1`, [exported]);
    await database.pool.query(`update stages set state = 'COMPLETED' where job_id = $1`, [reader]);
    await cleanEverything();
    for (const id of [exported, read]) expect(await reads.findJob(viewer, id)).toBeNull();
  });

  it('is deleted with others in batches of bounded size', async () => {
    const viewer = await createTestProject(engine.services.database);
    await purgeEverything();
    await engine.services.retention.updateRetention(viewer, { jobs: 1 });
    for (let count = 0; count < 5; count += 1) await seedEnded(viewer, 2);
    expect(await cleanEverything({}, 2)).toBe(3);
    // 23 rows each by their counters: two fit into a batch of 50; the last call finds nothing.
    expect(await purgeEverything(50)).toBe(4);
  });
});

describe('items whose time is over', () => {
  async function seedExpired(seed?: Partial<Seed>) {
    const viewer = await createTestProject(engine.services.database);
    await engine.services.retention.updateRetention(viewer, { items: 5 });
    const jobId = await seedEnded(viewer, 6, { aggregates: { count: '20' }, ...seed });
    const exportId = await seedExport(viewer, jobId, hours);
    await cleanEverything();
    return { viewer, jobId, exportId };
  }

  it('go in bounded batches; the job, its journal and its exports stay', async () => {
    const { jobId, exportId, viewer } = await seedExpired();
    const before = await countRows(jobId);
    // 40 rows of items and results, 15 at a time.
    expect(await purgeEverything(15)).toBe(4);
    expect(await countRows(jobId)).toEqual({ ...before, items: 0, item_results: 0 });
    const { exports, storage, database } = engine.services;
    const kept = await exports.findExport(viewer, exportId);
    expect(kept && exports.downloadUrl(kept)).toContain(exportId);
    expect(await storage.head(exportFileKey({ id: exportId, attempt: 1 }))).toEqual({ byteSize: 1 });
    const { rows } = await database.pool.query(
      'select sequence::int, type, data from job_events where job_id = $1 order by sequence desc limit 1',
      [jobId],
    );
    expect(rows).toEqual([{ sequence: 4, type: 'ItemsDeleted', data: { items: 20 } }]);
    await cleanEverything();
    expect(await countRows(jobId)).toEqual({ ...before, items: 0, item_results: 0 });
  });

  it('are said to be gone from the moment on that they are given up', async () => {
    const { jobId, viewer } = await seedExpired();
    const document = `query ($id: ID!) { job(id: $id) { itemsDeletedAt items { edges { cursor } } failures { edges { cursor } }
      canRetry allowedActions nextSteps progress { total succeeded } } }`;
    const { database, exports } = engine.services;
    const { job } = (await query(createContext(database, viewer), document, { id: jobId })) as {
      job: { itemsDeletedAt: string };
    }; // As asked.
    expect(job).toEqual({
      itemsDeletedAt: expect.stringMatching(/^\d{4}-/),
      items: { edges: [] },
      failures: { edges: [] },
      canRetry: false,
      allowedActions: ['DELETE'],
      nextSteps: [expect.stringContaining('Its items are deleted')],
      progress: { total: '20', succeeded: '16' },
    });
    const gone = expect.stringContaining(`The items of job ${jobId} were deleted at ${job.itemsDeletedAt}`);
    const request = { jobId, format: 'CSV', content: 'ITEMS' } as const;
    await expect(exports.createExport(viewer, request)).rejects.toMatchObject({ code: 'CONFLICT', message: gone });
    await expect(exports.createExport(viewer, { ...request, content: 'AGGREGATES' })).resolves.toMatchObject({ jobId });
    const { jobs } = engine.services;
    const refusal = await jobs.retryJob(viewer, jobId).catch((error: unknown) => error);
    expect(refusal).toBeInstanceOf(ConflictError);
    expect(refusal).toMatchObject({ message: gone });
  });

  it('are no source of another job', async () => {
    const { jobId, viewer } = await seedExpired();
    const source = { kind: 'job', jobId, items: 'ALL' } as const;
    const submit = engine.services.jobs.submitJob(viewer, {
      ...echoCommand,
      type: 'transactions',
      source,
    });
    await expect(submit).rejects.toMatchObject({
      code: 'CONFLICT',
      message: expect.stringContaining('were deleted at'),
    });
  });

  it('fail an export that was asked for in the same moment, and say why', async () => {
    const { jobId, viewer } = await seedExpired();
    const { database, exports } = engine.services;
    await database.pool.query('update jobs set items_deleted_at = null where id = $1', [jobId]);
    const { id: exportId } = await exports.createExport(viewer, { jobId, format: 'CSV', content: 'ITEMS' });
    await database.pool.query('update jobs set items_deleted_at = now() where id = $1', [jobId]);
    const task = {
      exportId,
      heartbeat: () => undefined,
      isFinal: () => false,
      signal: new AbortController().signal,
    };
    const gone = expect.stringContaining(`The items of job ${jobId} were deleted at 2`);
    await expect(writeExport({ ...engine.config, ...engine.services }, task)).rejects.toMatchObject({ message: gone });
  });

  it('that an export is about to read stay until it is written', async () => {
    const { database, retention, exports, reads } = engine.services;
    const viewer = await createTestProject(database);
    await retention.updateRetention(viewer, { items: 1 });
    const jobId = await seedEnded(viewer, 2);
    const { id } = await exports.createExport(viewer, { jobId, format: 'CSV', content: 'ITEMS' });
    await cleanEverything();
    expect(await reads.findJob(viewer, jobId)).toMatchObject({ itemsDeletedAt: null });
    await exports.deleteExport(viewer, id);
    await cleanEverything();
    expect(await reads.findJob(viewer, jobId)).toMatchObject({ itemsDeletedAt: expect.any(Date) });
  });
});
