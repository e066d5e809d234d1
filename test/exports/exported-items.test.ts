import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createExportScene, type ExportScene } from '../support/export-scene.ts';
import { seedTransactions } from '../support/exported-jobs.ts';
import type { ZipReading } from '../support/read-export.ts';

let scene: ExportScene;
beforeAll(async () => {
  scene = await createExportScene();
});
afterAll(() => scene.close());

describe('an export, read back by Python,', () => {
  it('of a running job has what is committed so far, and says as of which entry of the journal', async () => {
    const jobId = await scene.seedMany(10);
    const { pool } = scene.database;
    await pool.query(`delete from item_results where job_id = $1 and index >= 4`, [jobId]);
    await pool.query(
      `update jobs set state = 'RUNNING', succeeded = 2, failed = 2, pending = 6, last_sequence = 41 where id = $1`,
      [jobId],
    );
    const found = await scene.write({ jobId, format: 'JSONL', content: 'ITEMS' });
    expect(found).toMatchObject({ state: 'COMPLETED', asOfSequence: 41 });
    const states = (await scene.readBack(found)) as { state: string }[]; // As above.
    expect(states.map(({ state }) => state)).toEqual([
      'SUCCEEDED',
      'FAILED',
      'SUCCEEDED',
      'FAILED',
      ...Array.from({ length: 6 }, () => 'PENDING'),
    ]);
  });

  it('of a canceled job shows what did not run as CANCELED', async () => {
    const jobId = await seedTransactions({ ...scene, projectId: scene.viewer.projectId, state: 'CANCELED' });
    const states = (await scene.readBack(await scene.write({ jobId, format: 'JSONL', content: 'ITEMS' }))) as {
      state: string;
    }[]; // As above.
    expect(states.map(({ state }) => state)).toEqual([
      'SUCCEEDED',
      'SUCCEEDED',
      'SKIPPED',
      'CANCELED',
      'FAILED',
      'FAILED',
    ]);
  });

  it('of many items has each once, in order, across all pages', async () => {
    const jobId = await scene.shareMany(4_500);
    const found = (await scene.readBack(await scene.write({ jobId, format: 'ZIP', content: 'ALL' }))) as ZipReading; // As above.
    const indexes = (name: string) =>
      (found.files[name] as { index: number | string }[]).map(({ index }) => Number(index)); // As above.
    const all = Array.from({ length: 4_500 }, (_, index) => index);
    expect(indexes('items.jsonl')).toEqual(all);
    expect(indexes('items.csv')).toEqual(all);
    expect(indexes('failures.jsonl')).toEqual(all.filter((index) => index % 2 === 1));
    expect(indexes('failures.csv')).toEqual(all.filter((index) => index % 2 === 1));
    // Input and output of an echo both have a value.
    expect((found.files['items.csv'] as object[])[0]).toEqual({
      index: '0',
      key: '0',
      state: 'SUCCEEDED',
      value: 'v0',
      fail: '',
      output_value: 'v0',
      filler: '',
      error_code: '',
      error_field: '',
      error_message: '',
    });
  });

  it('of a job without items is empty, and still a file', async () => {
    const jobId = await scene.seedMany(0);
    expect(await scene.readBack(await scene.write({ jobId, format: 'JSON', content: 'ITEMS' }))).toEqual([]);
    expect(await scene.readBack(await scene.write({ jobId, format: 'JSONL', content: 'ITEMS' }))).toEqual([]);
    expect((await scene.contentOf(await scene.write({ jobId, format: 'CSV', content: 'ITEMS' }))).toString()).toBe(
      'index,key,state,value,fail,output_value,filler,error_code,error_field,error_message\n',
    );
  });
});
