import { join } from 'node:path';
import { MockActivityEnvironment } from '@temporalio/testing';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createActivities } from '../../src/activities/create-activities.ts';
import { createJobWatch } from '../../src/activities/job-watch.ts';
import type { Database } from '../../src/database/database.ts';
import { findMediaPrograms } from '../../src/embedded/media-programs.ts';
import { StorageRefusedError } from '../../src/domain/errors.ts';
import { newId } from '../../src/database/new-id.ts';
import { createFileStores, type FileStores } from '../../src/item-files/file-stores.ts';
import { createProviders } from '../../src/providers/providers.ts';
import { openWorkRoot } from '../../src/providers/process/work-root.ts';
import { defaultPlanLimits } from '../../src/domain/partitions.ts';
import { createLine } from '../../src/jobs/line.ts';
import { createRateLimiter } from '../../src/limits/rate-limiter.ts';
import { createSheetAccess } from '../../src/sources/sheet/sheet-access.ts';
import { createTestEngine, type TestEngine } from '../support/engine.ts';

let engine: TestEngine;

beforeAll(async () => {
  engine = await createTestEngine();
});
afterAll(() => engine.close());

async function createTestActivities(database: Database, stores = createFileStores(engine.services)) {
  const { config } = engine;
  const { storage, log, metrics } = engine.services;
  const jobWatch = createJobWatch({ database, log });
  const rateLimiter = createRateLimiter({ database, log });
  const deps = {
    storage,
    stores,
    itemFiles: engine.services.itemFiles,
    providers: createProviders({
      speech: config.speech,
      encodings: 1,
      findMediaPrograms: () => findMediaPrograms(log),
    }),
    workRoot: await openWorkRoot(join(config.dataDir, 'work')),
    jobWatch,
    line: createLine({ database, limits: config.limits }),
    workflows: engine.services.temporal.workflows,
    rateLimiter,
    sheets: createSheetAccess({ database, config, rateLimiter }),
    destinations: engine.services.destinations,
    log,
    metrics,
    exportTtlMs: 1_000,
    maxExportBytes: 1_000_000,
    plan: defaultPlanLimits,
    config,
    urlAccess: { ...config.fetch, maxBytes: 1 },
  };
  return createActivities({ ...deps, database });
}

/** Takes a submitted job up to its ingest, and runs that as attempt number `attempt` over `database`. */
async function ingestAs(attempt: number, jobId: string, database: Database) {
  const environment = new MockActivityEnvironment({ attempt });
  const { advanceJob } = await createTestActivities(engine.services.database);
  await environment.run(advanceJob, { jobId });
  const { ingestItems } = await createTestActivities(database);
  return await environment.run(ingestItems, { jobId, generation: 0 });
}

/** The database as it is, but that something happens before each transaction. */
function disturbed(before: () => Promise<unknown>): Database {
  const { database } = engine.services;
  return {
    ...database,
    transaction: async (work) => {
      await before();
      return await database.transaction(work);
    },
  };
}

test('a late attempt that was superseded says nothing about its job', async () => {
  const job = await engine.submit();
  const { pool } = engine.services.database;
  const takeOver = () =>
    pool.query('update stages set attempt = attempt + 1 where job_id = $1 and position = 0', [job.id]);
  await expect(ingestAs(7, job.id, disturbed(takeOver))).rejects.toThrow('superseded');
  expect((await engine.getJob(job.id)).state).toBe('RUNNING');
});

test('an outage is tried again however often it happened', async () => {
  const job = await engine.submit();
  const outage = () => Promise.reject(Object.assign(new Error('connect ECONNREFUSED'), { code: 'ECONNREFUSED' }));
  await expect(ingestAs(7, job.id, disturbed(outage))).rejects.toThrow('ECONNREFUSED');
  expect((await engine.getJob(job.id)).state).toBe('RUNNING');
});

test('any other error ends the job with its reason, but not at the first try', async () => {
  const job = await engine.submit();
  let broken = true;
  const breakage = async () => {
    if (broken) throw new TypeError('the source has no such method');
  };
  await expect(ingestAs(1, job.id, disturbed(breakage))).rejects.toThrow('no such method');
  expect((await engine.getJob(job.id)).state).toBe('RUNNING');
  const onlyTheIngest = { ...disturbed(breakage) };
  const failing = ingestAs(3, job.id, {
    ...onlyTheIngest,
    transaction: (work) => {
      const result = onlyTheIngest.transaction(work);
      broken = false;
      return result;
    },
  });
  expect(await failing).toBe('DONE');
  expect(await engine.getJob(job.id)).toMatchObject({ state: 'FAILED', error: 'the source has no such method' });
});

test('an export waits for a destination that does not answer, but not for ever', async () => {
  const { id: jobId } = await engine.submit({ options: { files: { byteSize: 1 } } }, 1);
  const { database, exports, storage } = engine.services;
  await database.pool.query(`update jobs set state = 'COMPLETED', pending = 0, succeeded = total where id = $1`, [
    jobId,
  ]);
  await database.pool.query(
    `insert into item_files (job_id, id, index, name, file_name, media_type, is_kept, state, stage, generation, chunk, attempt, destination_id, key, byte_size, sha256)
     values ($1, $2, 0, 'text', 'a.txt', 'text/plain', true, 'STORED', 2, 0, 0, 1, $2, 'a', 1, 'x')`,
    [jobId, newId()],
  );
  const { id: exportId } = await exports.createExport(engine.viewer, { jobId, format: 'ZIP', content: 'ITEMS' });
  const away = new StorageRefusedError('Destination "Ours": it does not answer.', 'UNREACHABLE');
  const stores: FileStores = {
    open: async () => ({ ...storage, get: () => Promise.reject(away) }),
    delete: async () => [],
  };
  const { writeExport } = await createTestActivities(database, stores);
  const writeAs = (attempt: number) => new MockActivityEnvironment({ attempt }).run(writeExport, { exportId });
  await expect(writeAs(29)).rejects.toThrow('it does not answer');
  await writeAs(30);
  const { rows } = await database.pool.query('select state, error from exports where id = $1', [exportId]);
  expect(rows).toEqual([{ state: 'FAILED', error: away.message }]);
});
