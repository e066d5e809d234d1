import { createHash } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { ExportContent, ExportFormat } from '../../src/domain/export.ts';
import { createExportScene, type ExportScene } from '../support/export-scene.ts';
import type { ParquetReading, XlsxReading, ZipReading } from '../support/read-export.ts';
import {
  aggregates,
  csvAggregates,
  csvFailures,
  csvItems,
  failures,
  items,
  parquetItems,
  parquetTypes,
  xlsxAggregates,
  xlsxItems,
  xlsxSheet,
} from './exported-transactions.ts';

let scene: ExportScene;
beforeAll(async () => {
  scene = await createExportScene();
});
afterAll(() => scene.close());

describe('an export, read back by Python,', () => {
  const job = () => ({ id: scene.transactionsJob, type: 'transactions', title: 'Büchungen – Mai / 2026' });

  it.each<[ExportFormat, ExportContent, () => unknown]>([
    ['JSON', 'ITEMS', () => items],
    ['JSON', 'FAILURES', () => failures],
    ['JSON', 'AGGREGATES', () => aggregates],
    ['JSON', 'ALL', () => ({ job: job(), aggregates, items, failures })],
    ['JSONL', 'ITEMS', () => items],
    ['JSONL', 'FAILURES', () => failures],
    ['JSONL', 'AGGREGATES', () => [aggregates]],
    [
      'JSONL',
      'ALL',
      () => [...items.map((item) => ({ item })), ...failures.map((failure) => ({ failure })), { aggregates }],
    ],
    ['CSV', 'ITEMS', () => csvItems],
    ['CSV', 'FAILURES', () => csvFailures],
    ['CSV', 'AGGREGATES', () => csvAggregates],
  ])('as %s of %s holds every value exactly', async (format, content, expected) => {
    const found = await scene.write({ format, content });
    expect(await scene.readBack(found)).toEqual(expected());
    const bytes = await scene.contentOf(found);
    expect(found).toMatchObject({
      state: 'COMPLETED',
      percent: 100,
      fileName: `buchungen-mai-2026-${content.toLowerCase()}.${format.toLowerCase()}`,
      byteSize: bytes.length,
      sha256: createHash('sha256').update(bytes).digest('hex'),
    });
  });

  it.each<[ExportContent, () => unknown]>([
    ['ITEMS', () => ({ types: parquetTypes, groups: 1, rows: parquetItems })],
    ['FAILURES', () => ({ types: parquetTypes, groups: 1, rows: parquetItems.slice(4) })],
    ['AGGREGATES', () => ({ types: { name: 'string', value: 'string' }, groups: 1, rows: csvAggregates })],
  ])('as PARQUET of %s holds every value exactly, in columns of its type', async (content, expected) => {
    const found = await scene.write({ format: 'PARQUET', content });
    expect(await scene.readBack(found)).toEqual(expected());
    expect(found.fileName).toBe(`buchungen-mai-2026-${content.toLowerCase()}.parquet`);
  });

  it.each<[ExportContent, () => unknown]>([
    ['ITEMS', () => ({ items: xlsxSheet(xlsxItems) })],
    ['FAILURES', () => ({ failures: xlsxSheet(xlsxItems.slice(4)) })],
    ['AGGREGATES', () => ({ aggregates: xlsxAggregates })],
    [
      'ALL',
      () => ({ items: xlsxSheet(xlsxItems), failures: xlsxSheet(xlsxItems.slice(4)), aggregates: xlsxAggregates }),
    ],
  ])('as XLSX of %s holds every value exactly, as text where a number would be rounded', async (content, expected) => {
    const found = await scene.write({ format: 'XLSX', content });
    expect(await scene.readBack(found)).toEqual(expected());
    expect(found.fileName).toBe(`buchungen-mai-2026-${content.toLowerCase()}.xlsx`);
  });

  it('has only the columns that were chosen, in their order', async () => {
    const columns = ['amount', 'index'];
    const csv = await scene.contentOf(await scene.write({ format: 'CSV', content: 'FAILURES', columns }));
    expect(csv.toString()).toBe('amount,index\ntrue,4\n0.1234567890123456789,5\n');
    const parquet = await scene.readBack(await scene.write({ format: 'PARQUET', content: 'ITEMS', columns }));
    expect(parquet).toEqual({
      types: { amount: 'decimal128(38, 18)', index: 'int64', unfit_values: 'string' },
      groups: 1,
      rows: parquetItems.map(({ index, amount, unfit_values }) => ({ amount, index, unfit_values })),
    });
    const xlsx = (await scene.readBack(
      await scene.write({ format: 'XLSX', content: 'ITEMS', columns }),
    )) as XlsxReading; // What it prints.
    expect(xlsx['items']).toMatchObject({ header: columns, rows: xlsxItems.map((row) => [row[5], row[0]]) });
  });

  it('as PARQUET of many items is written in row groups, each item once and in order', async () => {
    const jobId = await scene.shareMany(25_000);
    const found = await scene.readBack(await scene.write({ jobId, format: 'PARQUET', content: 'ITEMS' }));
    const { types, groups, rows: read } = found as ParquetReading; // What read-export.py prints for it.
    expect([types['fail'], groups]).toEqual(['bool', 2]);
    expect(read.map(({ index }) => index)).toEqual(Array.from({ length: 25_000 }, (_, index) => index));
    expect(read.every(({ index, value }) => value === `v${index}`)).toBe(true);
  });

  it('as PARQUET of a job without items has its columns, and no rows', async () => {
    const found = await scene.readBack(
      await scene.write({ jobId: await scene.seedMany(0), format: 'PARQUET', content: 'ITEMS' }),
    );
    expect(found).toMatchObject({ types: { index: 'int64', value: 'string', fail: 'bool' }, rows: [] });
  });

  it.each<[ExportContent, Record<string, unknown>]>([
    ['ITEMS', { 'items.jsonl': items, 'items.csv': csvItems }],
    ['FAILURES', { 'failures.jsonl': failures, 'failures.csv': csvFailures }],
    ['AGGREGATES', { 'aggregates.json': aggregates }],
    [
      'ALL',
      {
        'items.jsonl': items,
        'items.csv': csvItems,
        'failures.jsonl': failures,
        'failures.csv': csvFailures,
        'aggregates.json': aggregates,
      },
    ],
  ])('as ZIP of %s holds named files and a manifest that is right', async (content, expected) => {
    const read = await scene.readBack(await scene.write({ format: 'ZIP', content }));
    const { names, files, measured } = read as ZipReading; // What read-export.py prints for a ZIP.
    expect(names).toEqual([...Object.keys(expected), 'manifest.json']);
    const { 'manifest.json': manifest, ...others } = files;
    expect(others).toEqual(expected);
    expect(manifest).toEqual({
      job: job(),
      content,
      files: Object.entries(expected).map(([name, value]) => ({
        name,
        ...measured[name],
        itemCount: Array.isArray(value) ? value.length : 0,
      })),
    });
  });

  it.each<ExportFormat>(['JSON', 'JSONL', 'CSV', 'PARQUET', 'XLSX', 'ZIP'])(
    'as %s is the same bytes every time',
    async (format) => {
      const one = await scene.write({ format, content: 'ITEMS' });
      const other = await scene.write({ format, content: 'ITEMS' });
      expect(one.sha256).toBe(other.sha256);
    },
  );

  it('as ZIP cuts a table of more than 20,000 items into numbered files, each with its checksum', async () => {
    const jobId = await scene.shareMany(25_000);
    const read = await scene.readBack(await scene.write({ jobId, format: 'ZIP', content: 'ITEMS' }));
    const { names, files, measured } = read as ZipReading; // What read-export.py prints for a ZIP.
    expect(names).toEqual(['items-001.jsonl', 'items-001.csv', 'items-002.jsonl', 'items-002.csv', 'manifest.json']);
    const indexes = (name: string) => (files[name] as { index: number | string }[]).map(({ index }) => Number(index)); // As above.
    const all = Array.from({ length: 25_000 }, (_, index) => index);
    for (const extension of ['jsonl', 'csv']) {
      expect(indexes(`items-001.${extension}`)).toEqual(all.slice(0, 20_000));
      expect(indexes(`items-002.${extension}`)).toEqual(all.slice(20_000));
    }
    expect(files['manifest.json']).toMatchObject({
      files: names.slice(0, 4).map((name) => ({
        name,
        ...measured[name],
        itemCount: name.includes('001') ? 20_000 : 5_000,
      })),
    });
  });

  it('as CSV has an apostrophe before whatever a spreadsheet would run', async () => {
    const harmless = ['-5', '-0.10', '5', 'a=b', 'a@b', '', 'a -b'];
    const formulas = [
      '=1',
      '+1',
      '-1+1',
      '@SUM(A1)',
      '＝1',
      '＋1',
      '－1',
      '＠x',
      ' =1',
      '\u00A0=1',
      '\uFEFF=1',
      '\t1',
      '\r1',
      '\n1',
    ];
    const jobId = await scene.seedMany(harmless.length + formulas.length);
    await scene.database.pool.query(
      `update items set payload = jsonb_build_object('value', text)
       from unnest($2::text[]) with ordinality as given (text, place) where job_id = $1 and index = place - 1`,
      [jobId, [...harmless, ...formulas]],
    );
    const read = await scene.readBack(await scene.write({ jobId, format: 'CSV', content: 'ITEMS' }));
    const values = (read as { value: string }[]).map(({ value }) => value); // What read-export.py prints for a CSV.
    expect(values).toEqual([...harmless, ...formulas.map((formula) => `'${formula}`)]);
  });
});
