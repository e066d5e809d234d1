import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ConflictError, InvalidInputError, NotFoundError } from '../../src/domain/errors.ts';
import { createExportScene, type ExportScene } from '../support/export-scene.ts';
import { createTestProject } from '../support/project.ts';
import { seedReadingJob } from '../support/seed-reading-job.ts';

let scene: ExportScene;
beforeAll(async () => {
  scene = await createExportScene();
});
afterAll(() => scene.close());

describe('createExport', () => {
  it('stores the wish, then starts the workflow', async () => {
    const created = await scene.exports.createExport(scene.viewer, {
      jobId: scene.transactionsJob,
      format: 'CSV',
      content: 'ITEMS',
      fileNamePrefix: ' May ',
    });
    expect(created).toMatchObject({
      jobId: scene.transactionsJob,
      state: 'PENDING',
      percent: 0,
      fileNamePrefix: 'May',
      fileName: null,
    });
    expect(scene.started.at(-1)).toBe(created.id);
    expect(scene.exports.downloadUrl(created)).toBeNull();
    expect(await scene.exports.listExports([scene.transactionsJob])).toContainEqual(
      expect.objectContaining({ id: created.id }),
    );
  });

  it.each(['CSV', 'PARQUET'] as const)('refuses ALL as %s, and names the choices', async (format) => {
    const created = scene.exports.createExport(scene.viewer, { jobId: scene.transactionsJob, format, content: 'ALL' });
    await expect(created).rejects.toThrow(InvalidInputError);
    await expect(created).rejects.toThrow(
      'ask for ITEMS, FAILURES or AGGREGATES, or for ALL as JSON, JSONL, XLSX or ZIP',
    );
  });

  it('refuses columns that there are not, and lists those that there are', async () => {
    const request = { jobId: scene.transactionsJob, format: 'CSV', content: 'ITEMS' } as const;
    const known =
      'The columns of transactions are index, key, state, reference, account, amount, currency, occurredAt, description, transactionId, action, error_code, error_field, error_message.';
    await expect(
      scene.exports.createExport(scene.viewer, { ...request, columns: ['amount', 'price'] }),
    ).rejects.toMatchObject({
      message: `There is no column "price". ${known}`,
      issues: [{ field: 'columns' }],
    });
    await expect(scene.exports.createExport(scene.viewer, { ...request, columns: [] })).rejects.toThrow(
      `Name at least one column. ${known}`,
    );
  });

  it('refuses a prefix that is too long', async () => {
    const created = scene.exports.createExport(scene.viewer, {
      jobId: scene.transactionsJob,
      format: 'CSV',
      content: 'ITEMS',
      fileNamePrefix: 'x'.repeat(101),
    });
    await expect(created).rejects.toMatchObject({ issues: [{ field: 'fileNamePrefix' }] });
  });

  it('refuses aggregates that there are not, or not yet', async () => {
    const running = await seedReadingJob(scene.database, { projectId: scene.viewer.projectId });
    await expect(
      scene.exports.createExport(scene.viewer, { jobId: running, format: 'CSV', content: 'AGGREGATES' }),
    ).rejects.toMatchObject({
      code: 'CONFLICT',
      state: 'RUNNING',
      allowedActions: ['PAUSE', 'CANCEL'],
      message: expect.stringContaining('wait for its end, or export its ITEMS or FAILURES'),
    });
    const ended = await scene.seedMany(0);
    await expect(
      scene.exports.createExport(scene.viewer, { jobId: ended, format: 'JSON', content: 'AGGREGATES' }),
    ).rejects.toThrow(ConflictError);
  });

  it('makes several at once, all or none of them', async () => {
    const before = (await scene.exports.listExports([scene.transactionsJob])).length;
    const csv = { format: 'CSV', content: 'ITEMS', columns: ['key'] } as const;
    const created = await scene.exports.createExports(scene.viewer, scene.transactionsJob, [
      csv,
      { format: 'XLSX', content: 'ALL' },
    ]);
    expect(created.map(({ format, content, columns }) => [format, content, columns])).toEqual([
      ['CSV', 'ITEMS', ['key']],
      ['XLSX', 'ALL', null],
    ]);
    expect(scene.started.slice(-2)).toEqual(created.map(({ id }) => id));
    const refused = scene.exports.createExports(scene.viewer, scene.transactionsJob, [
      csv,
      { format: 'CSV', content: 'ALL' },
    ]);
    await expect(refused).rejects.toThrow(InvalidInputError);
    await expect(scene.exports.createExports(scene.viewer, scene.transactionsJob, [])).rejects.toThrow(
      'Ask for 1 to 10 exports',
    );
    expect(await scene.exports.listExports([scene.transactionsJob])).toHaveLength(before + 2);
  });

  it('knows no job and no export of another project', async () => {
    const stranger = await createTestProject(scene.database);
    const created = await scene.exports.createExport(scene.viewer, {
      jobId: scene.transactionsJob,
      format: 'CSV',
      content: 'ITEMS',
    });
    await expect(
      scene.exports.createExport(stranger, { jobId: scene.transactionsJob, format: 'CSV', content: 'ITEMS' }),
    ).rejects.toThrow(NotFoundError);
    await expect(scene.exports.deleteExport(stranger, created.id)).rejects.toThrow(NotFoundError);
    expect(await scene.exports.findExport(stranger, created.id)).toBeNull();
  });

  it.each([
    ['../../etc/passwd', 'etc-passwd-items.csv'],
    ['Bücher 日本', 'Bücher 日本-items.csv'],
    ['a\u202Efdp.exe', 'a-fdp.exe-items.csv'],
    ['...', 'buchungen-mai-2026-items.csv'],
    ['CON"; rm -rf', 'CON- rm -rf-items.csv'],
  ])('makes a harmless file name of the prefix %j', async (fileNamePrefix, fileName) => {
    expect(await scene.write({ format: 'CSV', content: 'ITEMS', fileNamePrefix })).toMatchObject({ fileName });
  });
});
