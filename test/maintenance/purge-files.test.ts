import { Readable } from 'node:stream';
import pLimit from 'p-limit';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, inject, test, vi } from 'vitest';
import { purgeJobs } from '../../src/activities/purge-jobs.ts';
import { itemFileKey, itemFilesKey } from '../../src/item-files/item-file-key.ts';
import { parseStorageLocation } from '../../src/storage/storage-location.ts';
import { createTestEngine, type TestEngine } from '../support/engine.ts';
import { s3Keys, startTestGcs, startTestS3, type ObjectStore } from '../support/object-stores.ts';
import { startWorker } from '../support/processes.ts';
import { testSecret } from '../support/secret.ts';
import { startStoreFront, type StoreFront } from '../support/store-front.ts';
import { waitFor } from '../support/wait-for.ts';

let s3: ObjectStore | null;
let gcs: ObjectStore | null;

beforeAll(async () => {
  [s3, gcs] = await Promise.all([startTestS3(), startTestGcs()]);
  await s3?.createBucket('files');
  await gcs?.createBucket('files');
  vi.stubEnv('AWS_ACCESS_KEY_ID', s3Keys.owner.accessKeyId);
  vi.stubEnv('AWS_SECRET_ACCESS_KEY', s3Keys.owner.secretAccessKey);
});
afterAll(async () => {
  vi.unstubAllEnvs();
  await s3?.stop();
  await gcs?.stop();
});

interface Place {
  name: string;
  store: () => ObjectStore | null;
  kind: 'S3' | 'GCS';
  /** The request of a purge of 2,500 files at which its worker is killed, after some went. */
  isFatal(requests: readonly string[]): boolean;
}

const isDelete = (request: string) => request.startsWith('POST /files/?delete') || request.startsWith('DELETE ');

const places: Place[] = [
  {
    name: 'S3',
    store: () => s3,
    kind: 'S3',
    isFatal: (requests) => requests.filter(isDelete).length === 2,
  },
  {
    name: 'Google Cloud Storage',
    store: () => gcs,
    kind: 'GCS',
    isFatal: (requests) => requests.filter(isDelete).length > 1_000,
  },
];

describe.each(places)('the files of a large job in a bucket of $name', ({ store, kind, isFatal }) => {
  let front: StoreFront;
  let location: string;
  let engine: TestEngine;

  beforeEach(async (context) => {
    const found = store();
    if (found === null) return context.skip('There is no such server for this machine.');
    front = await startStoreFront(found.endpoint);
    location = `${kind === 'S3' ? 's3' : 'gs'}://files/ours?endpoint=${front.endpoint}`;
    engine = await createTestEngine(undefined, {}, { storageLocation: parseStorageLocation(location) });
  });
  afterEach(async () => {
    await engine.close();
    await front[Symbol.asyncDispose]();
  });

  /** Of a job that has ended and is due to go. */
  async function seedFiles(count: number): Promise<string> {
    const { database, storage } = engine.services;
    const { id } = await engine.submit({}, 1);
    await database.pool.query(
      `update jobs set state = 'COMPLETED', pending = 0, succeeded = total, deleted_at = now(), purge_at = now() where id = $1`,
      [id],
    );
    const { rows } = await database.pool.query<{ id: string }>(
      `insert into item_files (job_id, id, index, name, file_name, media_type, is_kept, state, stage, generation, chunk, attempt, key, byte_size, sha256)
       select $1, f.id, 0, 'text', 'a.txt', 'text/plain', true, 'STORED', 1, 0, 0, 1, $3 || f.id, 1, 'x'
       from (select gen_random_uuid() as id from generate_series(1, $2::int)) f returning id`,
      [id, count, itemFileKey(id, '')],
    );
    const limit = pLimit(16);
    await Promise.all(rows.map((file) => limit(() => storage.put(itemFileKey(id, file.id), Readable.from(['x'])))));
    return id;
  }

  async function countLeft(jobId: string): Promise<{ files: number; rows: number }> {
    const { storage, database } = engine.services;
    let files = 0;
    let after: string | null = null;
    do {
      const page = await storage.list(itemFilesKey(jobId), { after });
      files += page.files.length;
      after = page.next;
    } while (after !== null);
    const { rowCount } = await database.pool.query('select from item_files where job_id = $1', [jobId]);
    return { files, rows: rowCount ?? 0 };
  }

  test('go in bounded parts, each with its rows, and all the same when the purge is killed among them', async () => {
    const jobId = await seedFiles(2_500);
    expect(await purgeJobs(engine.services, { files: 1_000 })).toBe(false);
    expect(await countLeft(jobId)).toEqual({ files: 1_500, rows: 1_500 });

    front.requests.length = 0;
    front.answer = () => (isFatal(front.requests) ? () => undefined : null);
    const { config } = engine;
    const surroundings = {
      databaseUrl: config.databaseUrl,
      temporalAddress: inject('temporalAddress'),
      taskQueue: config.temporal.taskQueue,
      dataDir: config.dataDir,
      env: { LONGHAUL_SECRET: testSecret, LONGHAUL_STORAGE: location },
    };
    await using dying = await startWorker(surroundings);
    await waitFor(() => isFatal(front.requests), { description: 'the middle of the purge', timeoutMs: 50_000 });
    await dying.kill9();
    front.answer = null;
    front.requests.length = 0;
    // What was sent before may still be under way in the store.
    await waitFor(async () => (await countLeft(jobId)).files < 1_500);
    const { files, rows } = await countLeft(jobId);
    expect(files).toBeGreaterThan(0);
    expect(rows).toBe(1_500);

    await using _ = await startWorker(surroundings);
    await waitFor(async () => (await countLeft(jobId)).rows === 0, { timeoutMs: 50_000 });
    expect(await countLeft(jobId)).toEqual({ files: 0, rows: 0 });
  }, 240_000);
});
