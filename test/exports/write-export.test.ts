import { Readable } from 'node:stream';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { SupersededError } from '../../src/activities/superseded-error.ts';
import type { ExportFormat } from '../../src/domain/export.ts';
import type { Storage } from '../../src/storage/storage.ts';
import { createExportScene, type ExportScene } from '../support/export-scene.ts';
import { waitFor } from '../support/wait-for.ts';

let scene: ExportScene;
beforeAll(async () => {
  scene = await createExportScene();
});
afterAll(() => scene.close());

describe('writing an export', () => {
  it('ends with one journal entry, and does nothing when it is asked again', async () => {
    const found = await scene.write({ format: 'CSV', content: 'ITEMS' });
    await scene.attempt(found.id);
    const { fileName, byteSize, sha256 } = found;
    expect(await journal(found.id)).toEqual([
      { type: 'ExportCompleted', data: { exportId: found.id, format: 'CSV', fileName, byteSize, sha256 } },
    ]);
  });

  it('leaves no file when it fails, and a later attempt completes it', async () => {
    const { id } = await scene.create({
      format: 'ZIP',
      content: 'ALL',
    });
    const full: Storage = {
      ...scene.storage,
      put: (key, content, options) => scene.storage.put(key, Readable.from(failLate(content)), options),
    };
    await expect(scene.attempt(id, { storage: full })).rejects.toThrow('No space left.');
    expect(await scene.listFiles(id)).toEqual([]);
    await scene.attempt(id);
    expect(await scene.find(id)).toMatchObject({ state: 'COMPLETED', attempt: 2 });
    expect(await scene.listFiles(id)).toEqual(['2']);
  });

  it.each<ExportFormat>(['JSONL', 'ZIP'])(
    'gives its connection back when the worker shuts down in the middle of %s',
    async (format) => {
      const jobId = await scene.shareMany(4_500);
      const { id } = await scene.create({ jobId, format, content: 'ITEMS' });
      const stop = new AbortController();
      const stopping: Storage = {
        ...scene.storage,
        put: (key, content, options) => {
          content.once('data', () => stop.abort(new Error('The worker is shutting down.')));
          return scene.storage.put(key, content, options);
        },
      };
      await expect(scene.attempt(id, { storage: stopping, signal: stop.signal })).rejects.toThrow(
        'The worker is shutting down.',
      );
      expect(scene.database.pool.idleCount).toBe(scene.database.pool.totalCount);
      expect(await scene.listFiles(id)).toEqual([]);
    },
  );

  it('refuses an attempt that was taken for dead, whose file goes', async () => {
    const { id } = await scene.create({
      format: 'CSV',
      content: 'ITEMS',
    });
    const late: Storage = {
      ...scene.storage,
      put: async (key, content, options) => {
        const stored = await scene.storage.put(key, content, options);
        await scene.attempt(id);
        return stored;
      },
    };
    await expect(scene.attempt(id, { storage: late })).rejects.toThrow(SupersededError);
    expect(await scene.find(id)).toMatchObject({ state: 'COMPLETED', attempt: 2 });
    expect(await scene.listFiles(id)).toEqual(['2']);
    expect(await journal(id)).toHaveLength(1);
  });

  it('that cannot succeed is FAILED with its reason, once', async () => {
    const { id } = await scene.create({
      format: 'CSV',
      content: 'ITEMS',
    });
    await scene.attempt(id, { storage: failing('Broken.'), isFinal: true });
    await scene.attempt(id, { storage: failing('Broken again.'), isFinal: true });
    await scene.attempt(id);
    expect(await scene.find(id)).toMatchObject({ state: 'FAILED', error: 'Broken.' });
    expect(await journal(id)).toEqual([
      { type: 'ExportFailed', data: { exportId: id, format: 'CSV', error: 'Broken.' } },
    ]);
  });

  it('is not ended by the failure of an attempt that was taken for dead', async () => {
    const { id } = await scene.create({
      format: 'CSV',
      content: 'ITEMS',
    });
    const begun = Promise.withResolvers<void>();
    const failed = Promise.withResolvers<void>();
    // The newer attempt has begun, and stands still while the older one fails.
    const slow: Storage = {
      ...scene.storage,
      put: async (...args) => {
        begun.resolve();
        await failed.promise;
        return await scene.storage.put(...args);
      },
    };
    const newer: Promise<void>[] = [];
    const late: Storage = {
      ...scene.storage,
      put: async () => {
        newer.push(scene.attempt(id, { storage: slow }));
        await begun.promise;
        throw new Error('Broken.');
      },
    };
    await expect(scene.attempt(id, { storage: late, isFinal: true })).rejects.toThrow(SupersededError);
    failed.resolve();
    await Promise.all(newer);
    expect(await scene.find(id)).toMatchObject({
      state: 'COMPLETED',
      attempt: 2,
      error: null,
    });
    expect((await journal(id)).map(({ type }) => type)).toEqual(['ExportCompleted']);
  });

  it('that fails for good leaves no file and no part', async () => {
    const jobId = await scene.shareMany(4_500);
    const { id } = await scene.create({ jobId, format: 'JSONL', content: 'ITEMS' });
    await expect(scene.attempt(id, { exportPartBytes: 100_000, storage: scene.dyingAtPart(2) })).rejects.toThrow(
      'kill -9',
    );
    expect(await scene.listFiles(id)).toEqual(['parts']);
    await scene.attempt(id, { exportPartBytes: 100_000, storage: failing('Broken.'), isFinal: true });
    expect(await scene.listFiles(id)).toEqual([]);
  });

  it('gives the connection of its progress back, too, when the worker shuts down', async () => {
    const jobId = await scene.shareMany(4_500);
    const { id } = await scene.create({ jobId, format: 'ZIP', content: 'ITEMS' });
    const stop = new AbortController();
    const holder = await scene.database.pool.connect();
    try {
      await holder.query('begin');
      await holder.query('select 1 from jobs where id = $1 for update', [jobId]);
      const writing = scene.attempt(id, { exportProgressMs: 0, signal: stop.signal });
      await waitFor(async () => (await waitingForLocks()) > 0, { description: 'progress to wait for the row' });
      stop.abort(new Error('The worker is shutting down.'));
      await holder.query('rollback');
      await expect(writing).rejects.toThrow('The worker is shutting down.');
    } finally {
      holder.release();
    }
    expect(scene.database.pool.idleCount).toBe(scene.database.pool.totalCount);
  });

  it.each<ExportFormat>(['JSONL', 'XLSX'])('of a %s file that is too large says so, and what to do', async (format) => {
    const jobId = await scene.shareMany(4_500);
    const { id } = await scene.create({ jobId, format, content: 'ITEMS' });
    await expect(scene.attempt(id, { maxExportBytes: 50_000, exportPartBytes: 20_000 })).rejects.toMatchObject({
      code: 'LIMIT_EXCEEDED',
      limit: 50_000,
      retryable: false,
      message: expect.stringMatching(/larger than 50000 bytes.*fewer columns.*LONGHAUL_MAX_EXPORT_BYTES/),
    });
  });
});

async function journal(id: string): Promise<{ type: string; data: unknown }[]> {
  const { rows } = await scene.database.pool.query<{ type: string; data: unknown }>(
    `select type, data from job_events where data ->> 'exportId' = $1 order by sequence`,
    [id],
  );
  return rows;
}

/** Storage that takes no file. */
const failing = (message: string): Storage => ({ ...scene.storage, put: () => Promise.reject(new Error(message)) });

async function* failLate(content: Readable) {
  for await (const bytes of content) {
    yield bytes;
    throw new Error('No space left.');
  }
}

async function waitingForLocks(): Promise<number> {
  const { rows } = await scene.database.pool.query<{ count: number }>(
    "select count(*)::int from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'",
  );
  return rows[0]?.count ?? 0;
}
