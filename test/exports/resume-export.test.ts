import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { SupersededError } from '../../src/activities/superseded-error.ts';
import { appendJobEvent } from '../../src/database/sql/append-job-event.ts';
import type { ExportContent, ExportFormat } from '../../src/domain/export.ts';
import type { Storage } from '../../src/storage/storage.ts';
import { createExportScene, type ExportScene } from '../support/export-scene.ts';

let scene: ExportScene;
beforeAll(async () => {
  scene = await createExportScene();
});
afterAll(() => scene.close());

describe('writing an export after a kill -9', () => {
  it.each<[ExportFormat, ExportContent]>([
    ['JSONL', 'ITEMS'],
    ['JSONL', 'ALL'],
    ['JSON', 'ITEMS'],
    ['JSON', 'ALL'],
    ['CSV', 'ITEMS'],
    ['CSV', 'FAILURES'],
  ])('goes on with %s of %s behind the last part, to the same bytes', async (format, content) => {
    const jobId = await scene.shareMany(4_500);
    const whole = await scene.write({ jobId, format, content });
    const { id } = await scene.create({ jobId, format, content });
    const parts: string[] = [];
    const counting: Storage = {
      ...scene.storage,
      put: async (key, ...rest) => {
        if (key.includes('/parts/')) parts.push(key.slice(key.lastIndexOf('/') + 1));
        return await scene.storage.put(key, ...rest);
      },
    };
    // Two workers die, each with one part stored.
    await expect(scene.attempt(id, { exportPartBytes: 1, storage: scene.dyingAtPart(2) })).rejects.toThrow('kill -9');
    await expect(scene.attempt(id, { exportPartBytes: 1, storage: scene.dyingAtPart(2) })).rejects.toThrow('kill -9');
    await scene.attempt(id, { exportPartBytes: 1, storage: counting });
    const found = await scene.find(id);
    expect(found).toMatchObject({ state: 'COMPLETED', attempt: 3, checkpoint: null, percent: 100 });
    expect([found?.sha256, found?.byteSize]).toEqual([whole.sha256, whole.byteSize]);
    expect(parts[0]).toBe('3-3');
    expect(await scene.listFiles(id)).toEqual(['3']);
  });

  it('goes on after the part was stored and its place was not', async () => {
    const jobId = await scene.shareMany(4_500);
    const whole = await scene.write({ jobId, format: 'CSV', content: 'ITEMS' });
    const { id } = await scene.create({ jobId, format: 'CSV', content: 'ITEMS' });
    const dying: Storage = {
      ...scene.storage,
      put: async (key, ...rest) => {
        const stored = await scene.storage.put(key, ...rest);
        if (key.endsWith('-2')) throw new Error('kill -9');
        return stored;
      },
    };
    await expect(scene.attempt(id, { exportPartBytes: 1, storage: dying })).rejects.toThrow('kill -9');
    await scene.attempt(id, { exportPartBytes: 1 });
    expect(await scene.find(id)).toMatchObject({
      state: 'COMPLETED',
      sha256: whole.sha256,
    });
    expect(await scene.listFiles(id)).toEqual(['2']);
  });

  it.each([
    [
      'the job has changed',
      async (jobId: string) => {
        const entry = { from: 'COMPLETED', to: 'RUNNING', reason: null, by: 'test', message: null } as const;
        await scene.database.transaction(async (client) => {
          await client.query(`update item_results set state = 'SKIPPED' where job_id = $1 and index = 0`, [jobId]);
          await appendJobEvent(client, jobId, 'JobStateChanged', entry);
        });
      },
    ],
    [
      'a part is gone',
      async (_: string, exportId: string) => {
        await scene.storage.delete(`exports/${exportId}/parts/1-1`);
      },
    ],
  ])('begins anew when %s', async (_, change) => {
    const jobId = await scene.seedMany(4_500);
    const { id } = await scene.create({ jobId, format: 'CSV', content: 'ITEMS' });
    await expect(scene.attempt(id, { exportPartBytes: 1, storage: scene.dyingAtPart(3) })).rejects.toThrow('kill -9');
    await change(jobId, id);
    await scene.attempt(id, { exportPartBytes: 1 });
    const { sha256 } = await scene.write({ jobId, format: 'CSV', content: 'ITEMS' });
    expect(await scene.find(id)).toMatchObject({ state: 'COMPLETED', sha256 });
  });

  it('an attempt whose parts another one has deleted steps back', async () => {
    const jobId = await scene.shareMany(4_500);
    const { id } = await scene.create({ jobId, format: 'JSONL', content: 'ITEMS' });
    const late: Storage = {
      ...scene.storage,
      put: async (key, ...rest) => {
        if (key.endsWith(`${id}/1`)) await scene.storage.delete(`exports/${id}/parts`);
        return await scene.storage.put(key, ...rest);
      },
    };
    await expect(scene.attempt(id, { exportPartBytes: 1, storage: late })).rejects.toThrow(SupersededError);
    await scene.attempt(id, { exportPartBytes: 1 });
    expect(await scene.find(id)).toMatchObject({ state: 'COMPLETED', attempt: 2 });
  });

  it('an attempt that was taken for dead cannot add a part', async () => {
    const jobId = await scene.shareMany(4_500);
    const { id } = await scene.create({ jobId, format: 'JSONL', content: 'ITEMS' });
    let taken = false;
    const late: Storage = {
      ...scene.storage,
      put: async (key, ...rest) => {
        const stored = await scene.storage.put(key, ...rest);
        if (key.endsWith('1-2') && !taken) {
          taken = true;
          await scene.attempt(id, { exportPartBytes: 1 });
        }
        return stored;
      },
    };
    await expect(scene.attempt(id, { exportPartBytes: 1, storage: late })).rejects.toThrow(SupersededError);
    expect(await scene.find(id)).toMatchObject({ state: 'COMPLETED', attempt: 2 });
    expect((await scene.listFiles(id)).filter((name) => name !== 'parts')).toEqual(['2']);
    expect(await scene.listFiles(`${id}/parts`)).toEqual([]);
  });
});
