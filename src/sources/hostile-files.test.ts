import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { gzipSync } from 'node:zlib';
import { parquetMetadata } from 'hyparquet';
import { parquetWriteBuffer } from 'hyparquet-writer';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { workbookParts, writeZip, type ZipFileSpec } from '../../test/support/zip.ts';
import type { FileReading, UploadFormat } from '../domain/job.ts';
import { createLocalDiskStorage } from '../storage/local-disk.ts';
import type { Storage } from '../storage/storage.ts';
import { gunzip } from './gunzip.ts';
import { openSource } from './open-source.ts';
import { checkFooter } from './parquet/check-footer.ts';
import { withRandomAccess } from './random-access.ts';
import { sampleSource } from './sample-source.ts';
import { openUploadFile } from './source-file.ts';
import type { SourceRow } from './source-row.ts';
import { temporaryFileLimits, unpackLimits } from './unpack-limits.ts';
import { UnreadableSourceError } from './unreadable-source-error.ts';

let root: string;
let storage: Storage;

beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'longhaul-hostile-'));
  storage = createLocalDiskStorage(root);
});

afterAll(() => rm(root, { recursive: true, force: true }));

async function read(format: UploadFormat, content: string | Buffer, how: FileReading = {}): Promise<SourceRow[]> {
  await storage.put('uploads/file', Readable.from([Buffer.from(content)]));
  return (await Array.fromAsync(openSource({ kind: 'upload', uploadId: 'file', format, ...how }, { storage }))).flat();
}

async function expectRefusal(reading: Promise<unknown>, message: string | RegExp): Promise<void> {
  await expect(reading).rejects.toThrow(UnreadableSourceError);
  await expect(reading).rejects.toThrow(message);
}

const xlsx = (sheetData: string, parts?: Parameters<typeof workbookParts>[1]) =>
  writeZip(workbookParts(sheetData, parts));
/** The parts of a workbook, one of them changed. */
const withPart = (name: string, change: Partial<ZipFileSpec>) =>
  writeZip(workbookParts(header).map((part) => (part.name === name ? { ...part, ...change } : part)));
const text = (value: string) => `<is><t>${value}</t></is>`;
const header = `<row r="1"><c r="A1" t="inlineStr">${text('a')}</c><c r="B1" t="inlineStr">${text('b')}</c></row>`;
const sheetPart = 'xl/worksheets/sheet1.xml';

describe('A file that is not what it is called', () => {
  const parquet = Buffer.from(parquetWriteBuffer({ columnData: [{ name: 'a', data: [1, 2] }] }));
  const csv = 'a,b\n1,2\n';

  it.each<[UploadFormat, string, string | Buffer, string]>([
    ['CSV', 'a workbook', xlsx(header), 'The file is an XLSX workbook, but it is to be read as CSV. Say its format.'],
    ['JSON', 'a Parquet file', parquet, 'The file is a Parquet file, but it is to be read as JSON. Say its format.'],
    ['XLSX', 'a CSV', csv, 'The file is plain text, but it is to be read as XLSX. Say its format.'],
    ['XLSX', 'a Parquet file', parquet, 'The file is a Parquet file, but it is to be read as XLSX. Say its format.'],
    ['PARQUET', 'a workbook', xlsx(header), 'The file is an XLSX workbook, but it is to be read as PARQUET.'],
    ['PARQUET', 'empty', '', 'The file is plain text, but it is to be read as PARQUET.'],
    [
      'XLSX',
      'an old workbook',
      Buffer.from('d0cf11e0a1b11ae1', 'hex'),
      'The file is a workbook of Excel before 2007 (.xls), or one with a password, but it is to be read as XLSX.',
    ],
    ['CSV', 'packed twice', gzipSync(gzipSync(csv)), 'What the gzip file holds is a gzip file, not CSV. Pack it once.'],
    ['XLSX', 'gzip of text', gzipSync(csv), 'What the gzip file holds is plain text, not XLSX. Pack it once.'],
    [
      'CSV',
      'a ZIP in a ZIP',
      writeZip([{ name: 'in.zip', content: writeZip([{ name: 'a.csv', content: csv }]) }]),
      '"in.zip" in the ZIP archive is a ZIP archive, not CSV. Pack it once.',
    ],
    [
      'XLSX',
      'a ZIP in a ZIP',
      writeZip([{ name: 'in.zip', content: writeZip([{ name: 'a.csv', content: csv }]) }]),
      '"in.zip" in the ZIP archive is a ZIP archive, not XLSX. Pack it once.',
    ],
    [
      'XLSX',
      'a letter',
      writeZip([{ name: '[Content_Types].xml', content: '<Types/>' }]),
      'The file is an Office document, but no XLSX workbook. Save it as XLSX.',
    ],
  ])('is refused as %s when it is %s', async (format, _, content, message) => {
    await expectRefusal(read(format, content), message);
  });
});

describe('A packed file', () => {
  const rows = [{ row: 1, raw: { a: '1' } }];
  const csv = 'a\n1\n';

  it.each([
    [
      'the only file',
      [
        { name: 'folder/', content: '' },
        { name: 'folder/data', content: csv },
      ],
    ],
    [
      'the only one of its format',
      [
        { name: 'README.txt', content: 'x' },
        { name: 'b.csv', content: csv },
      ],
    ],
    [
      'what a Mac adds aside',
      [
        { name: '__MACOSX/._b.csv', content: 'x' },
        { name: '.DS_Store', content: 'x' },
        { name: 'b.csv', content: csv },
      ],
    ],
    ['not deflated', [{ name: 'b.csv', content: csv, method: 0 }]],
  ] satisfies [string, ZipFileSpec[]][])('is read from a ZIP archive: %s', async (_, files) => {
    expect(await read('CSV', writeZip(files))).toEqual(rows);
  });

  it('is read from a ZIP archive or gzip when it needs to be read at any place', async () => {
    const workbook = xlsx(`${header}<row r="2"><c r="A2"><v>1</v></c></row>`);
    const expected = [{ row: 1, raw: { a: 1 } }];
    expect(await read('XLSX', writeZip([{ name: 'book.xlsx', content: workbook }]))).toEqual(expected);
    expect(await read('XLSX', gzipSync(workbook))).toEqual(expected);
  });

  it.each([
    ['a ZIP archive', (content: Buffer) => writeZip([{ name: 'a.xlsx', content }]), '"a.xlsx" in the ZIP archive'],
    ['gzip', gzipSync, 'The gzip file'],
  ])('is not put on disk beyond the limit when it lies in %s', async (_, pack, what) => {
    const workbook = xlsx(header);
    await storage.put('uploads/file', Readable.from([pack(workbook)]));
    const file = await openUploadFile(storage, 'file');
    const readWithin = (maxBytes: number) =>
      Array.fromAsync(
        withRandomAccess(
          file,
          { format: 'XLSX' },
          async function* size({ byteSize }) {
            yield byteSize;
          },
          { ...temporaryFileLimits, maxBytes },
        ),
      );
    expect(await readWithin(workbook.length)).toEqual([workbook.length]);
    const limit = workbook.length - 1;
    await expectRefusal(readWithin(limit), `${what} unpacks to more than ${limit} bytes, which is as much as is read.`);
  });

  it('is the one that the client names when there are several', async () => {
    const archive = writeZip([
      { name: 'x.csv', content: 'a\n2\n' },
      { name: 'y.csv', content: csv },
    ]);
    expect(await read('CSV', archive, { entry: 'y.csv' })).toEqual(rows);
    await expectRefusal(
      read('CSV', archive),
      'The ZIP archive holds 2 files that may be meant: say which as entry; there are: "x.csv", "y.csv".',
    );
    await expectRefusal(
      read('CSV', archive, { entry: 'z.csv' }),
      'The ZIP archive has no entry "z.csv"; there are: "x.csv", "y.csv".',
    );
    await expectRefusal(
      read('CSV', csv, { entry: 'y.csv' }),
      'The file is no ZIP archive, so it has no entry "y.csv".',
    );
    await expectRefusal(read('CSV', writeZip([])), 'The ZIP archive is empty: it holds no file.');
  });

  const big = Buffer.alloc(4_000_000, 'a\n');
  it.each<[string, Buffer, RegExp]>([
    [
      'states more bytes than are read',
      writeZip([{ name: 'a.csv', content: csv, statedSize: 4_000_000_000 }]),
      /^"a\.csv" in the ZIP archive unpacks to more than 250 times its size, as no real data does\./,
    ],
    [
      'is larger than it states',
      writeZip([{ name: 'a.csv', content: big, statedSize: 100 }]),
      /^"a\.csv" in the ZIP archive is larger than the 100 bytes that the archive states\./,
    ],
    [
      'is smaller than it states',
      writeZip([{ name: 'a.csv', content: csv, statedSize: 100 }]),
      /^"a\.csv" in the ZIP archive is smaller than the 100 bytes that the archive states\./,
    ],
    [
      'has another checksum',
      writeZip([{ name: 'a.csv', content: csv, crc: 1 }]),
      /^"a\.csv" in the ZIP archive is damaged/,
    ],
    [
      'overlaps with another',
      writeZip([
        { name: 'a.csv', content: csv },
        { name: 'b.csv', content: csv, offset: 0 },
      ]),
      /^"a\.csv" in the ZIP archive overlaps with what follows it\./,
    ],
    [
      'has a password',
      writeZip([{ name: 'a.csv', content: csv, flags: 1 }]),
      /^"a\.csv" in the ZIP archive has a password\./,
    ],
    [
      'is packed by another method',
      writeZip([{ name: 'a.csv', content: csv, method: 93 }]),
      /^"a\.csv" in the ZIP archive is packed by method 93; only deflate \(8\) and none \(0\) are read\./,
    ],
    [
      'is no deflate',
      writeZip([{ name: 'a.csv', content: csv, packed: Buffer.alloc(50, 0xff) }]),
      /^"a\.csv" in the ZIP archive cannot be unpacked: /,
    ],
    [
      'was cut off',
      writeZip([{ name: 'a.csv', content: csv }]).subarray(0, -30),
      /^The ZIP archive cannot be read: .* Was it sent whole\?$/,
    ],
    [
      'has too many entries',
      writeZip(Array.from({ length: 10_001 }, (_, index) => ({ name: `${index}`, content: '', method: 0 }))),
      /^The ZIP archive has more than 10000 entries/,
    ],
    [
      'climbs out of its folder',
      writeZip([{ name: '../../etc/passwd', content: csv }]),
      /^The ZIP archive cannot be read: invalid relative path/,
    ],
  ])('in a ZIP archive is refused when it %s', async (_, content, message) => {
    await expectRefusal(read('CSV', content), message);
  });

  it('by gzip is refused when it unfolds as no real data does, however long it goes on', async () => {
    const member = gzipSync(Buffer.alloc(16 * 2 ** 20));
    let given = 0;
    const endless = Readable.from(
      (function* () {
        for (;;) {
          given += member.length;
          yield member;
        }
      })(),
    );
    let unpacked = 0;
    const reading = (async () => {
      for await (const bytes of gunzip(endless, 1_000_000, unpackLimits)) unpacked += bytes.length;
    })();
    await expectRefusal(reading, 'The gzip file unpacks to more than 250 times its size, as no real data does.');
    expect(unpacked).toBeLessThan(unpackLimits.maxRatioFrom + member.length * 1_032);
    expect(given).toBeLessThan(2_000_000);
  });
});

describe('A text', () => {
  it('of one line of a gigabyte has one bad row in JSONL, and none is read in CSV', async () => {
    const piece = Buffer.alloc(2 ** 20, 'x');
    const gigabyte: Storage = {
      ...storage,
      head: async () => ({ byteSize: 2 ** 30 }),
      get: async (_, range) =>
        range
          ? Readable.from([piece.subarray(0, 8)])
          : Readable.from(
              (function* () {
                for (let count = 0; count < 1_024; count += 1) yield piece;
                yield Buffer.from('\n{"a":1}\n');
              })(),
            ),
    };
    const open = async (format: UploadFormat) =>
      (await Array.fromAsync(openSource({ kind: 'upload', uploadId: 'file', format }, { storage: gigabyte }))).flat();
    expect(await open('JSONL')).toEqual([
      {
        row: 1,
        raw: 'x'.repeat(200),
        problem: { path: [], row: 1, field: null, message: 'is longer than 1048576 bytes' },
      },
      { row: 2, raw: { a: 1 } },
    ]);
    await expectRefusal(open('CSV'), /^Row 1, near line 1, is longer than 1048576 bytes/);
    await expectRefusal(open('JSON'), /^The file/);
  });

  it.each([
    ['in the first piece', Buffer.concat([Buffer.from('a\né\n'), Buffer.from([0xc3, 0x28])]), 6],
    [
      'in a later piece',
      Buffer.concat([Buffer.from('a\n'), Buffer.from('é\n'.repeat(100_000)), Buffer.from([0xff])]),
      300_003,
    ],
    [
      'between two pieces',
      Buffer.concat([Buffer.from(`a\n${'x\n'.repeat(32_766)}y`), Buffer.from([0xe2, 0x82, 0x20])]),
      65_536,
    ],
  ])('that is not UTF-8 %s says at which byte', async (_, content, at) => {
    await expectRefusal(
      read('JSONL', content),
      `The file is not UTF-8 (at byte ${at}). Save it as UTF-8, or say its encoding.`,
    );
  });

  it.each([
    ['utf-16le', Buffer.from('a,b\n1,2\n', 'utf16le')],
    ['utf-16be', Buffer.from('a,b\n1,2\n', 'utf16le').swap16()],
  ])('in UTF-16 without its mark is told what to say: %s', async (encoding, content) => {
    await expectRefusal(
      read('CSV', content),
      `The file looks like UTF-16 without a byte order mark. Say its encoding as ${encoding}, or save it as UTF-8.`,
    );
    expect(await read('CSV', content, { encoding })).toEqual([{ row: 1, raw: { a: '1', b: '2' } }]);
  });

  it.each([
    [
      '100,000 columns',
      Array.from({ length: 100_000 }, (_, index) => `c${index}`),
      'The header has 100000 columns; at most 16384 are read.',
    ],
    [
      '100,000 columns without a name',
      Array.from({ length: 100_000 }, () => ''),
      'The header has 100000 columns; at most 16384 are read.',
    ],
    ['a NUL in a name', ['a', 'b\0'], 'Column 2 of the header holds a NUL character.'],
  ])('with a header of %s is refused', async (_, names, message) => {
    await expectRefusal(read('CSV', `${names.join(',')}\n1\n`), message);
  });

  it('keeps a NUL where it stands, for the item to be refused', async () => {
    expect(await read('CSV', 'a,b\nx\0y,1\n')).toEqual([{ row: 1, raw: { a: 'x\0y', b: '1' } }]);
  });

  it('of ever other columns tells so many of them as a table may have', async () => {
    const lines = Array.from({ length: 40 }, (_, line) =>
      JSON.stringify(Object.fromEntries(Array.from({ length: 1_000 }, (__, index) => [`c${line}-${index}`, 1]))),
    );
    await storage.put('uploads/wide', Readable.from([lines.join('\n')]));
    const { columns } = await sampleSource(
      { kind: 'upload', uploadId: 'wide', format: 'JSONL' },
      { storage },
      { keep: 1 },
    );
    expect(columns).toHaveLength(17_000);
  });
});

describe('A workbook', () => {
  const problem = (row: number, field: string | null, message: string) => ({
    problem: { path: field === null ? [] : [field], row, field, message },
  });

  it('says row and column of every cell that has no value, and keeps the rows around it', async () => {
    const content = xlsx(`${header}
      <row r="2"><c r="A2"><v>1</v></c><c r="B2" t="e"><f>A99</f><v>#REF!</v></c></row>
      <row r="3"><c r="A3"><f>1+1</f></c><c r="B3"><v>2</v></c></row>
      <row r="4"><c r="A4"><f>1+1</f><v>2</v></c><c r="B4" t="str"><f>""</f><v></v></c></row>
      <row r="5"><c r="A5" t="s"><v>7</v></c></row>
      <row r="6"><c r="A6"><v>abc</v></c></row>
      <row r="7"><c r="A7" t="b"><v>2</v></c></row>
      <row r="8"><c r="A8"><v>1</v></c><c r="D8"><v>9</v></c></row>
      <row r="9"><c r="A9"><v>1</v></c><c r="A9"><v>2</v></c></row>
      <row r="11"><c r="A11" t="zz"><v>1</v></c></row>`);
    expect(await read('XLSX', content)).toEqual([
      { row: 1, raw: { a: 1, b: '#REF!' }, ...problem(1, 'b', 'holds the error #REF! (cell B2)') },
      {
        row: 2,
        raw: { a: null, b: 2 },
        ...problem(
          2,
          'a',
          'holds a formula without a stored value: open the workbook in a spreadsheet program and save it (cell A3)',
        ),
      },
      { row: 3, raw: { a: 2 } },
      {
        row: 4,
        raw: { a: '7' },
        ...problem(
          4,
          'a',
          'refers to the shared text "7", which the workbook does not have or which is too long (cell A5)',
        ),
      },
      { row: 5, raw: { a: 'abc' }, ...problem(5, 'a', 'holds "abc", which is no number (cell A6)') },
      { row: 6, raw: { a: '2' }, ...problem(6, 'a', 'holds "2", which is neither true nor false (cell A7)') },
      { row: 7, raw: { a: 1, D8: 9 }, ...problem(7, null, 'has a value in cell D8, above which is no header') },
      { row: 8, raw: { a: 2 }, ...problem(8, null, 'has the cell A9 twice') },
      { row: 9, raw: { a: '1' }, ...problem(9, 'a', 'holds a value of the unknown type "zz" (cell A11)') },
    ]);
  });

  it('names the field and the column of a cell without a value whose columns are mapped', async () => {
    const cells = `<row r="2"><c r="A2"><f>B2*2</f></c><c r="B2" t="inlineStr">${text('x')}</c></row>`;
    const columns = [{ column: 'a', field: 'amount' }];
    const message = 'holds a formula without a stored value: open the workbook in a spreadsheet program and save it';
    expect(await read('XLSX', xlsx(header + cells), { columns })).toEqual([
      {
        row: 1,
        raw: { a: null, b: 'x' },
        problem: { path: ['amount'], row: 1, field: 'amount', message: `${message} (cell A2) (column "a")` },
      },
    ]);
  });

  it('with a row beyond all measure has one bad row', async () => {
    const long = 'x'.repeat(600_000);
    const rows = await read(
      'XLSX',
      xlsx(
        `${header}<row r="2"><c r="A2" t="inlineStr">${text(long)}</c><c r="B2" t="inlineStr">${text(long)}</c></row>
         <row r="3"><c r="A3" t="s"><v>0</v></c><c r="B3" t="s"><v>0</v></c></row><row r="4"><c r="A4"><v>1</v></c></row>
         <row r="5"><c r="A5" t="s"><v>1</v></c></row>`,
        { sharedStrings: `<sst><si><t>${long}</t></si><si><t>${long}${long}</t></si></sst>` },
      ),
    );
    expect(rows).toMatchObject([
      { row: 1, problem: { row: 1, field: null, message: 'is longer than 1048576 characters' } },
      { row: 2, problem: { row: 2, field: null, message: 'is longer than 1048576 characters' } },
      { row: 3, raw: { a: 1 } },
      { row: 4, problem: { row: 4, field: 'a', message: expect.stringContaining('which is too long') } },
    ]);
  });

  it('finds each of very many shared texts', async () => {
    const count = 400_000;
    const texts = Array.from(
      { length: count },
      (_, index) => `<si><t>text number ${index} of them, with an é and much more to say</t></si>`,
    );
    const cells = [0, 1, count - 1, 200_000, 1, 399_000, 5].map(
      (index, at) => `<row r="${at + 2}"><c r="A${at + 2}" t="s"><v>${index}</v></c></row>`,
    );
    const content = xlsx(`${header}${cells.join('')}`, { sharedStrings: `<sst>${texts.join('')}</sst>` });
    expect((await read('XLSX', content)).map(({ raw }) => raw)).toEqual(
      [0, 1, count - 1, 200_000, 1, 399_000, 5].map((index) => ({
        a: `text number ${index} of them, with an é and much more to say`,
      })),
    );
  });

  const laughs = `<!DOCTYPE x [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;&a;"><!ENTITY c "&b;&b;&b;&b;">]>`;
  it.each<[string, Buffer, string | RegExp]>([
    [
      'declares entities',
      withPart(sheetPart, { content: `${laughs}<worksheet><sheetData>${header}</sheetData></worksheet>` }),
      'xl/worksheets/sheet1.xml has a document type definition, which no workbook needs.',
    ],
    [
      'declares entities among its shared texts',
      xlsx(header, { sharedStrings: `${laughs}<sst><si><t>&c;</t></si></sst>` }),
      'xl/sharedStrings.xml has a document type definition, which no workbook needs.',
    ],
    [
      'uses an entity that XML does not have',
      xlsx(`<row r="1"><c r="A1" t="inlineStr">${text('&eacute;')}</c></row>`),
      'xl/worksheets/sheet1.xml is not XML: Invalid character entity',
    ],
    [
      'has an attribute beyond all measure',
      xlsx(`<row r="1" x="${'y'.repeat(300_000)}"/>`),
      /^xl\/worksheets\/sheet1\.xml is not XML: Max buffer length exceeded/,
    ],
    [
      'ends within its sheet',
      withPart(sheetPart, { content: `<worksheet><sheetData>${header}` }),
      /^xl\/worksheets\/sheet1\.xml is not XML: /,
    ],
    [
      'is not UTF-8',
      withPart(sheetPart, { content: Buffer.from('<worksheet>é</worksheet>', 'latin1') }),
      /^xl\/worksheets\/sheet1\.xml is not XML: /,
    ],
    [
      'has no sheet part',
      withPart(sheetPart, { name: 'other.xml' }),
      'The workbook has no part "xl/worksheets/sheet1.xml".',
    ],
    [
      'states a sheet beyond all measure',
      withPart(sheetPart, { statedSize: 4_000_000_000 }),
      /unpacks to more than 250 times its size/,
    ],
    [
      'has rows in no order',
      xlsx('<row r="2"/><row r="1"/>'),
      'Behind row 2 the sheet has a row "1"; rows go up to 1048576, each once.',
    ],
    ['has a row too many', xlsx('<row r="1048577"/>'), 'Behind row 0 the sheet has a row "1048577"'],
    ['has a cell in another row', xlsx('<row r="1"><c r="A2"/></row>'), 'Row 1 has a cell "A2".'],
    [
      'has 100,000 columns',
      xlsx(`<row r="1">${'<c><v>1</v></c>'.repeat(100_000)}</row>`),
      'Row 1 has more than 16384 columns.',
    ],
    ['names a column twice', xlsx(header.replace(text('b'), text('a'))), 'The header names the column "a" twice.'],
    [
      'has a column without a name',
      xlsx(`<row r="3"><c r="B3" t="inlineStr">${text('a')}</c><c r="D3" t="inlineStr">${text('b')}</c></row>`),
      'Column C of the header has no name.',
    ],
    [
      'has an error in its header',
      xlsx('<row r="1"><c r="A1" t="e"><v>#NAME?</v></c></row>'),
      'Cell A1, which should name a column, holds the error #NAME?.',
    ],
    ['is empty', xlsx(''), 'Row 1 of the sheet is empty: it should name the columns.'],
  ])('that %s is refused', async (_, content, message) => {
    await expectRefusal(read('XLSX', content), message);
  });

  it('has its sheets named when none is called like that', async () => {
    await expectRefusal(
      read('XLSX', xlsx(header), { sheet: 'Other' }),
      'The workbook has no sheet "Other"; there are: "Data".',
    );
    await expectRefusal(
      read('XLSX', xlsx(header), { headerRow: 5 }),
      'Row 5 of the sheet is empty: it should name the columns.',
    );
  });
});

describe('A Parquet file', () => {
  const good = Buffer.from(
    parquetWriteBuffer({
      columnData: [{ name: 'a', data: Array.from({ length: 100 }, (_, index) => `row ${index}`) }],
    }),
  );
  const footerBytes = good.readUInt32LE(good.length - 8);
  const footerStart = good.length - 8 - footerBytes;

  it('is read to its last row', async () => {
    expect(await read('PARQUET', good)).toHaveLength(100);
  });

  const withFooterLength = (length: number) => {
    const copy = Buffer.from(good);
    copy.writeUInt32LE(length, copy.length - 8);
    return copy;
  };
  it.each([
    ['was cut off', good.subarray(0, -20), 'The Parquet file cannot be read: it has no footer. Was it sent whole?'],
    ['has lost its data', Buffer.concat([good.subarray(0, 4), good.subarray(footerStart)]), /lies outside of the file/],
    ['has a footer of four gigabytes', withFooterLength(0xffff_fff0), 'its footer states 4294967280 bytes'],
    ['has a footer longer than the file', withFooterLength(1_000_000), /exceeds available buffer/],
    [
      'has a footer of garbage',
      Buffer.concat([good.subarray(0, footerStart), Buffer.alloc(footerBytes, 0xff), good.subarray(-8)]),
      /^The Parquet file cannot be read: /,
    ],
    [
      'is encrypted',
      Buffer.concat([Buffer.from('PARE'), good.subarray(4, -4), Buffer.from('PARE')]),
      'The Parquet file is encrypted.',
    ],
  ])('that %s is refused', async (_, content, message) => {
    await expectRefusal(read('PARQUET', content), message);
  });

  it('that states more rows than its bytes can hold is refused', () => {
    const metadata = parquetMetadata(
      new Uint8Array(parquetWriteBuffer({ columnData: [{ name: 'a', data: [1] }] })).buffer,
    );
    const [group] = metadata.row_groups;
    const stating = (rows: bigint) => ({
      ...metadata,
      num_rows: rows,
      row_groups: group ? [{ ...group, num_rows: rows }] : [],
    });
    // Few rows do no harm, and repeated values take next to no bytes.
    checkFooter(stating(1_000_000n), 1_000);
    checkFooter(stating(1_000_001n), 10_001);
    expect(() => checkFooter(stating(1_000_001n), 10_000)).toThrow(
      'The Parquet file cannot be read: it states 1000001 rows in 10000 bytes. Was it sent whole?',
    );
  });

  it('is refused, or read as it is, whatever byte of it is another one', async () => {
    const unexpected: unknown[] = [];
    for (let at = 4; at < good.length; at += 3) {
      const copy = Buffer.from(good);
      copy[at] = (copy[at] ?? 0) ^ 0x5a;
      const found: unknown = await read('PARQUET', copy).catch((error: unknown) => error);
      const isWhole = Array.isArray(found) && found.length === 100;
      if (!isWhole && !(found instanceof UnreadableSourceError)) unexpected.push({ at, found });
    }
    expect(unexpected).toEqual([]);
  });
});
