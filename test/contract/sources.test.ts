import { execFile } from 'node:child_process';
import { createReadStream } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { FileReading, UploadFormat } from '../../src/domain/job.ts';
import { findPip } from '../../src/embedded/fetch-from-pip.ts';
import { openSource } from '../../src/sources/open-source.ts';
import { sampleSource } from '../../src/sources/sample-source.ts';
import type { SourceRow } from '../../src/sources/source-row.ts';
import { createLocalDiskStorage } from '../../src/storage/local-disk.ts';
import type { Storage } from '../../src/storage/storage.ts';
import { findPyarrow } from '../support/pyarrow.ts';
import { findPythonPackage } from '../support/python-package.ts';

let folder: string;
let storage: Storage;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'longhaul-formats-'));
  storage = createLocalDiskStorage(join(folder, 'storage'));
  const packages = [await findPyarrow(), await findPythonPackage('openpyxl'), await findPythonPackage('xlsxwriter')];
  await promisify(execFile)(await findPip(), [fileURLToPath(new URL('write-sources.py', import.meta.url)), folder], {
    env: { ...process.env, PYTHONPATH: packages.join(':') },
  });
}, 900_000);

afterAll(() => rm(folder, { recursive: true, force: true }));

async function send(fileName: string) {
  await storage.put(`uploads/${fileName}`, createReadStream(join(folder, fileName)));
  const format: UploadFormat = fileName.endsWith('.xlsx') ? 'XLSX' : 'PARQUET';
  return { kind: 'upload' as const, uploadId: fileName, format };
}

async function read(fileName: string, how: FileReading = {}): Promise<SourceRow[]> {
  return (await Array.fromAsync(openSource({ ...(await send(fileName)), ...how }, { storage }))).flat();
}

describe('A workbook of openpyxl', () => {
  const noValue =
    'holds a formula without a stored value: open the workbook in a spreadsheet program and save it (cell G2)';

  test('gives numbers digit by digit, dates, truth, any text, and no value that it does not state', async () => {
    expect(await read('openpyxl.xlsx')).toEqual([
      {
        row: 1,
        raw: {
          reference: 1001,
          amount: '1234567890123457',
          booked: '2026-03-02',
          seen: '2026-03-02T09:30:15.250Z',
          isPaid: true,
          note: 'é <&> "q" 日本 😀\nline',
          total: null,
        },
        problem: { path: ['total'], row: 1, field: 'total', message: noValue },
      },
      {
        row: 2,
        raw: { reference: 'r-2', amount: -0.1, booked: '23:59:01', isPaid: false, note: ' kept ', total: null },
        problem: { path: ['total'], row: 2, field: 'total', message: noValue.replace('G2', 'G4') },
      },
      {
        row: 3,
        raw: { amount: '1000000000000000000000', note: 'rich text', total: '#N/A' },
        problem: { path: ['total'], row: 3, field: 'total', message: 'holds the error #N/A (cell G5)' },
      },
    ]);
  });

  test.each(['Totals', 'totals', '3'])('has its sheets by name and by position: %s', async (sheet) => {
    expect(await read('openpyxl.xlsx', { sheet })).toEqual([{ row: 1, raw: { sum: 0.1, of: 'April' } }]);
  });

  test('has its header where the client says', async () => {
    expect(await read('openpyxl.xlsx', { sheet: 'Totals', headerRow: 4 })).toEqual([]);
    const { columns } = await sampleSource(
      { ...(await send('openpyxl.xlsx')), sheet: 'Totals', headerRow: 4 },
      { storage },
      { keep: 10 },
    );
    expect(columns).toEqual(['0.1', 'April']);
  });
});

test.each(['shared', 'inline', 'from-1904'])('A workbook as Excel writes it is read alike: %s', async (name) => {
  expect(await read(`${name}.xlsx`)).toEqual([
    {
      row: 1,
      raw: {
        reference: 'r-1',
        amount: 1249.9,
        booked: '2026-03-02',
        seen: '2026-03-02T09:30:15.250Z',
        isPaid: true,
        note: 'same',
        total: 2499.8,
      },
    },
    { row: 2, raw: { reference: 'r-2', amount: 0.3, booked: 1.5, note: 'same', total: 'ok' } },
  ]);
});

describe('A Parquet file of pyarrow', () => {
  const rows = [
    {
      reference: 'r-1',
      amount: '12345678901234567890.123456789',
      small: '1.50',
      large: '1.5',
      huge: `${'9'.repeat(60)}.5`,
      booked: '2026-03-02',
      micros: '2026-03-02T09:30:15.250001Z',
      nanos: '2026-03-02T09:30:15.250001002Z',
      millis: '2026-03-02T09:30:15Z',
      time: '09:30:15.250001',
      count: '9007199254740993',
      unsigned: '18446744073709551615',
      float: 0.1,
      double: 0.1,
      isPaid: true,
      bytes: '/wA=',
      tags: ['a', null],
      lines: [{ amount: '1.10', at: '2026-03-02' }],
      prices: { EUR: '1.10' },
    },
    {
      reference: 'é 日本 😀',
      amount: '-0.100000000',
      small: '-9999999.99',
      large: '-99999999999999.9',
      huge: '-0.5',
      booked: '1969-12-31',
      micros: '1969-12-31T23:59:59.999999Z',
      nanos: '1970-01-01T00:00:00.000000001Z',
      millis: '1970-01-01T00:00:00.001Z',
      time: '00:00:00',
      count: -5,
      unsigned: 7,
      float: 1.5,
      double: 1e300,
      isPaid: false,
      bytes: '',
      tags: [],
      lines: [],
      prices: {},
    },
  ];

  test.each(['none', 'snappy', 'gzip', 'zstd', 'brotli', 'lz4', 'v2'])(
    'gives every value exactly, however it is packed: %s',
    async (name) => {
      const found = await read(`${name}.parquet`);
      expect(found.slice(0, 2)).toEqual(rows.map((raw, index) => ({ row: index + 1, raw })));
      expect(found).toHaveLength(3);
      expect(Object.values(Object(found[2]?.raw))).toEqual(Object.keys(Object(rows[0])).map(() => null));
    },
  );

  test('keeps every row across pages and row groups', async () => {
    const source = await send('many.parquet');
    const opened = openSource(source, { storage });
    const wrong: SourceRow[] = [];
    let count = 0;
    for await (const rows of opened) {
      for (const found of rows) {
        const raw = { index: count, name: `row ${count % 1_000}`, tags: [count] };
        count += 1;
        if (JSON.stringify(found) !== JSON.stringify({ row: count, raw })) wrong.push(found);
      }
    }
    expect(wrong).toEqual([]);
    expect(count).toBe(100_000);
    expect(opened.progress?.bytesRead).toBe(opened.progress?.bytesTotal);
  });

  test('has a bad row where JSON cannot carry a value', async () => {
    expect(await read('nan.parquet')).toEqual([
      { row: 1, raw: { value: 1.5, text: 'a' } },
      {
        row: 2,
        raw: { value: null, text: 'b' },
        problem: { path: ['value'], row: 2, field: 'value', message: 'is NaN, which is no number' },
      },
    ]);
  });
});
