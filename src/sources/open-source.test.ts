import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { gzipSync } from 'node:zlib';
import { fc, test } from '@fast-check/vitest';
import { parquetWriteBuffer } from 'hyparquet-writer';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { NotFoundError } from '../domain/errors.ts';
import type { ColumnMapping, UploadFormat, UploadSource } from '../domain/job.ts';
import { fieldNamesOf } from '../job-types/field-names.ts';
import { workbookParts, writeZip } from '../../test/support/zip.ts';
import { createLocalDiskStorage } from '../storage/local-disk.ts';
import type { Storage } from '../storage/storage.ts';
import { readJsonRows } from './json-rows.ts';
import { openSource } from './open-source.ts';
import { parseExactJson } from './parse-exact-json.ts';
import type { SourceRow } from './source-row.ts';
import { UnreadableSourceError } from './unreadable-source-error.ts';

let root: string;
let storage: Storage;

beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'longhaul-sources-'));
  storage = createLocalDiskStorage(root);
});

afterAll(() => rm(root, { recursive: true, force: true }));

/** In pieces of the given size, so that rows and characters are cut anywhere. */
async function read(
  format: UploadFormat,
  content: string | Buffer,
  knownColumns?: string[],
  how: Pick<UploadSource, 'delimiter' | 'encoding'> = {},
): Promise<SourceRow[]> {
  await storage.put('uploads/file', Readable.from([Buffer.from(content)]));
  const source = { kind: 'upload' as const, uploadId: 'file', format, ...how };
  const fields =
    knownColumns && fieldNamesOf(z.object(Object.fromEntries(knownColumns.map((name) => [name, z.any()]))));
  return (await Array.fromAsync(openSource(source, { storage, fields }))).flat();
}

describe('items that came with the request', () => {
  it('are rows in their order', async () => {
    const opened = openSource({ kind: 'inline', items: [{ a: 1 }, 'x'] }, { storage });
    expect(opened.progress).toBeNull();
    expect((await Array.fromAsync(opened)).flat()).toEqual([
      { row: 1, raw: { a: 1 } },
      { row: 2, raw: 'x' },
    ]);
  });
});

describe('the columns of a table', () => {
  const fields = fieldNamesOf(
    z.object({
      title: z.string().meta({ aliases: ['Idea/Title'] }),
      seconds: z
        .string()
        .default('')
        .meta({ aliases: ['Length'] }),
    }),
  );
  const rowsOf = async (header: string[], columns: ColumnMapping[] = []) => {
    await storage.put(
      'uploads/file',
      Readable.from([Buffer.from(`${header.join(',')}\n${header.map((_, at) => at).join(',')}\n`)]),
    );
    const source = { kind: 'upload' as const, uploadId: 'file', format: 'CSV' as const, columns };
    return (await Array.fromAsync(openSource(source, { storage, fields }))).flat().map(({ raw }) => raw);
  };

  it('go to the fields that they name, in any order and by any of their names', async () => {
    expect(await rowsOf(['LENGTH', 'Remarks', 'idea/title'])).toEqual([{ seconds: '0', Remarks: '1', title: '2' }]);
    expect(await rowsOf(['Title', 'Seconds'])).toEqual([{ title: '0', seconds: '1' }]);
  });

  it('give way to one that is called exactly so, and to what the client says', async () => {
    expect(await rowsOf(['Idea/Title', 'title'])).toEqual([{ 'Idea/Title': '0', title: '1' }]);
    expect(await rowsOf(['Idea/Title', 'Headline'], [{ column: 'Headline', field: 'title' }])).toEqual([
      { 'Idea/Title': '0', title: '1' },
    ]);
  });

  it('are refused when two have the same claim to a field, until the client says which', async () => {
    await expect(rowsOf(['Title', 'Idea/Title'])).rejects.toThrow(
      'The columns "Title" and "Idea/Title" both name the field title: say with "columns" which of them fills it.',
    );
    expect(await rowsOf(['Title', 'Idea/Title'], [{ column: 'Title', field: 'title' }])).toEqual([
      { title: '0', 'Idea/Title': '1' },
    ]);
  });

  it('are named so in a workbook and a Parquet file too', async () => {
    const contents = {
      XLSX: writeZip(
        workbookParts(
          `<row r="1"><c t="inlineStr"><is><t>IDEA/TITLE</t></is></c><c t="inlineStr"><is><t>length</t></is></c></row>
           <row r="2"><c t="inlineStr"><is><t>A</t></is></c><c t="inlineStr"><is><t>7</t></is></c></row>`,
        ),
      ),
      PARQUET: Buffer.from(
        parquetWriteBuffer({
          columnData: [
            { name: 'Idea/Title', data: ['A'] },
            { name: 'length', data: ['7'] },
          ],
        }),
      ),
    };
    for (const [format, content] of Object.entries(contents)) {
      await storage.put('uploads/file', Readable.from([content]));
      const source = { kind: 'upload' as const, uploadId: 'file', format: z.enum(['XLSX', 'PARQUET']).parse(format) };
      const rows = (await Array.fromAsync(openSource(source, { storage, fields }))).flat();
      expect(rows.map(({ raw }) => raw)).toEqual([{ title: 'A', seconds: '7' }]);
    }
  });
});

describe('a CSV', () => {
  it('is read with byte order mark, quotes, line breaks of any kind and empty lines', async () => {
    const content = '\uFEFF a ,b\r\n1,"x, ""y"""\r\n\r\n2,"two\nlines"\n3,5" pipe\r4,';
    expect(await read('CSV', content)).toEqual([
      { row: 1, raw: { a: '1', b: 'x, "y"' } },
      { row: 2, raw: { a: '2', b: 'two\nlines' } },
      { row: 3, raw: { a: '3', b: '5" pipe' } },
      { row: 4, raw: { a: '4', b: '' } },
    ]);
  });

  it('holds its values as they stand, digit by digit', async () => {
    const content = 'amount,name\n12345678901234567890.123456789,é😀\n 007 ,日本\n';
    expect(await read('CSV', content)).toEqual([
      { row: 1, raw: { amount: '12345678901234567890.123456789', name: 'é😀' } },
      { row: 2, raw: { amount: ' 007 ', name: '日本' } },
    ]);
  });

  it('with a wrong number of columns in a row has one bad row', async () => {
    expect(await read('CSV', 'a,b\n1,2\n1\n1,2,3\n3,4\n')).toEqual([
      { row: 1, raw: { a: '1', b: '2' } },
      {
        row: 2,
        raw: ['1'],
        problem: { path: [], row: 2, field: null, message: 'has 1 columns, but the header has 2' },
      },
      {
        row: 3,
        raw: ['1', '2', '3'],
        problem: { path: [], row: 3, field: null, message: 'has 3 columns, but the header has 2' },
      },
      { row: 4, raw: { a: '3', b: '4' } },
    ]);
  });

  it('of a header alone has no rows', async () => {
    expect(await read('CSV', 'a,b')).toEqual([]);
    expect(await read('CSV', 'a,b\n')).toEqual([]);
  });

  it('larger than one piece keeps every row', async () => {
    const rows = Array.from({ length: 20_000 }, (_, index) => `${index},"né ${index}"\n`);
    const found = await read('CSV', `index,name\n${rows.join('')}`);
    expect(found).toHaveLength(20_000);
    expect(
      found.every(
        ({ row, raw }) => JSON.stringify(raw) === JSON.stringify({ index: String(row - 1), name: `né ${row - 1}` }),
      ),
    ).toBe(true);
  });

  it.each([
    ['is empty', '', 'The file is empty: a CSV begins with a header line that names its columns.'],
    ['names a column twice', 'a,b,a\n', 'The header names the column "a" twice.'],
    ['has a column without a name', 'a,,c\n', 'Column 2 of the header has no name.'],
    ['never closes a quote', 'a,b\n1,2\n"3,4\n5,6\n', 'A quote that opens after row 1 is never closed.'],
    [
      'has a row beyond all measure',
      `a,b\n1,2\n3,${'x'.repeat(1_100_000)}\n`,
      'Row 2, near line 3, is longer than 1048576 bytes: most likely a quote opens there and is not closed.',
    ],
    [
      'has a row of nothing but commas',
      `a,b\n1,2\n${','.repeat(3_000_000)}\n`,
      'Row 2, near line 3, is longer than 1048576 bytes: most likely a quote opens there and is not closed.',
    ],
    [
      'is Latin-1',
      Buffer.from('a,b\n1,é\n', 'latin1'),
      'The file is not UTF-8 (at byte 7). Save it as UTF-8, or say its encoding.',
    ],
    [
      'ends within a character',
      Buffer.from('a\né').subarray(0, 3),
      'The file is not UTF-8 (at byte 3). Save it as UTF-8, or say its encoding.',
    ],
  ])('that %s cannot be read, and says why', async (_, content, message) => {
    const reading = read('CSV', content);
    await expect(reading).rejects.toThrow(UnreadableSourceError);
    await expect(reading).rejects.toThrow(message);
  });

  it('without a header is told by its columns, which nobody knows', async () => {
    await expect(read('CSV', 'x1;10\nx2;20\n', ['reference', 'amount'])).rejects.toThrow(
      'The first line must be a header with columns among reference, amount, separated by ";"; it is "x1;10".',
    );
    expect(await read('CSV', 'extra,amount\n1,2\n', ['reference', 'amount'])).toHaveLength(1);
  });
});

describe('the delimiter of a CSV', () => {
  const row = [{ row: 1, raw: { reference: 'r,1', amount: '1|0' } }];

  it.each([
    ['a comma', 'reference,amount\n"r,1",1|0\n'],
    ['a semicolon', '\uFEFFreference;amount\nr,1;1|0\n'],
    ['a tab', '\r\nreference\tamount\r\nr,1\t1|0\r\n'],
    ['a pipe', 'reference|amount\nr,1|"1|0"\n'],
  ])('is told by the header: %s', async (_, content) => {
    expect(await read('CSV', content)).toEqual(row);
  });

  it('is the one that names known columns, whatever else stands in the header', async () => {
    const content = 'reference;"a,b,c";amount, in EUR, or USD\nr;x;1\n';
    const raw = { reference: 'r', 'a,b,c': 'x', 'amount, in EUR, or USD': '1' };
    expect(await read('CSV', content, ['reference', 'amount'])).toEqual([{ row: 1, raw }]);
  });

  it('is a comma in a file of one column', async () => {
    expect(await read('CSV', 'a\n1;2\n')).toEqual([{ row: 1, raw: { a: '1;2' } }]);
  });

  it('is what the client says', async () => {
    const given = await read('CSV', 'a;b~c;d\n1~2\n', undefined, { delimiter: '~' });
    expect(given).toEqual([{ row: 1, raw: { 'a;b': '1', 'c;d': '2' } }]);
  });
});

describe('a TSV', () => {
  it('has tabs between its columns, whatever else its header holds', async () => {
    expect(await read('TSV', 'a,b,c\td\n1,5\t"x\ty"\n')).toEqual([{ row: 1, raw: { 'a,b,c': '1,5', d: 'x\ty' } }]);
  });
});

describe('the encoding of a file', () => {
  const text = 'a;b\nZoë;日本 😀\n';
  const row = [{ row: 1, raw: { a: 'Zoë', b: '日本 😀' } }];
  const utf16be = (content: string) => Buffer.from(content, 'utf16le').swap16();

  it.each([
    ['UTF-8', Buffer.from(`\uFEFF${text}`)],
    ['UTF-16 from the low byte', Buffer.from(`\uFEFF${text}`, 'utf16le')],
    ['UTF-16 from the high byte', utf16be(`\uFEFF${text}`)],
    ['UTF-16, packed', gzipSync(Buffer.from(`\uFEFF${text}`, 'utf16le'))],
  ])('is told by its byte order mark: %s', async (_, content) => {
    expect(await read('CSV', content)).toEqual(row);
  });

  it.each([
    ['utf-16be', utf16be(text), 'Zoë'],
    ['latin1', Buffer.from('a;b\nZoë;x\n', 'latin1'), 'Zoë'],
    ['windows-1252', Buffer.from([0x61, 0x0a, 0x80, 0x93, 0x0a]), '€“'],
    ['shift_jis', Buffer.from([0x61, 0x0a, 0x93, 0xfa, 0x96, 0x7b, 0x0a]), '日本'],
  ])('is what the client says: %s', async (encoding, content, a) => {
    expect(await read('CSV', content, undefined, { encoding })).toMatchObject([{ raw: { a } }]);
  });

  it('holds for every format, however long the file', async () => {
    const rows = Array.from({ length: 30_000 }, (_, index) => ({ name: `é😀 ${index}` }));
    const content = Buffer.from(`\uFEFF${rows.map((each) => JSON.stringify(each)).join('\n')}`, 'utf16le');
    const found = await read('JSONL', content, undefined, { encoding: 'utf-16' });
    expect(found.map(({ raw }) => raw)).toEqual(rows);
  });

  it.each([
    ['utf-8', Buffer.from(text, 'latin1'), /^The file is not UTF-8 \(at byte 7\)/],
    ['utf-16le', Buffer.from('a\n\uD83D', 'utf16le'), /^The file is not UTF-16 \(near byte 6\). Say another encoding/],
    [
      'latin1',
      Buffer.from(`\uFEFF${text}`),
      /^The file begins with the byte order mark of UTF-8, but its encoding is given as latin1/,
    ],
    ['utf-8', utf16be(`\uFEFF${text}`), /^The file begins with the byte order mark of UTF-16, but /],
  ])('that is not %s as the client says is an error', async (encoding, content, message) => {
    const reading = read('CSV', content, undefined, { encoding });
    await expect(reading).rejects.toThrow(UnreadableSourceError);
    await expect(reading).rejects.toThrow(message);
  });
});

describe('a JSON file', () => {
  it('is one array, its figures unchanged', async () => {
    const content =
      '\uFEFF [ {"a":1.5, "b": [1, {"c": "],}\\"\\u00e9"}]},\n12345678901234567.89, "x,é" ,null,[1e-400] ]\n ';
    expect(await read('JSON', content)).toEqual([
      { row: 1, raw: { a: 1.5, b: [1, { c: '],}"é' }] } },
      { row: 2, raw: '12345678901234567.89' },
      { row: 3, raw: 'x,é' },
      { row: 4, raw: null },
      { row: 5, raw: ['1e-400'] },
    ]);
  });

  it('without elements has no rows', async () => {
    expect(await read('JSON', '[]')).toEqual([]);
    expect(await read('JSON', ' [ \n ] ')).toEqual([]);
  });

  test.prop([fc.array(fc.jsonValue({ maxDepth: 3 })), fc.integer({ min: 1, max: 7 }), fc.boolean()])(
    'is read as JSON.parse reads it, wherever it is cut',
    async (items, size, isPretty) => {
      const bytes = Buffer.from(JSON.stringify(items, null, isPretty ? 1 : undefined));
      const pieces = Array.from({ length: Math.ceil(bytes.length / size) }, (_, at) =>
        bytes.subarray(at * size, (at + 1) * size),
      );
      const rows = (await Array.fromAsync(readJsonRows(Readable.from(pieces)))).flat();
      expect(rows).toEqual(
        items.map((_, index) => ({ row: index + 1, raw: parseExactJson(JSON.stringify(items[index])) })),
      );
    },
  );

  it('has a bad row where tokens do not make a value', async () => {
    const bad = { path: [], field: null, message: expect.stringMatching(/^is not JSON: /) };
    expect(await read('JSON', '[{"a":1},{"a" 2},{"a":3},]')).toEqual([
      { row: 1, raw: { a: 1 } },
      { row: 2, raw: '{"a" 2}', problem: { ...bad, row: 2 } },
      { row: 3, raw: { a: 3 } },
      { row: 4, raw: '', problem: { ...bad, row: 4 } },
    ]);
  });

  it('larger than one piece keeps every row', async () => {
    const items = Array.from({ length: 30_000 }, (_, index) => ({ index, name: `né\n ${index}` }));
    const found = await read('JSON', JSON.stringify(items));
    expect(found.map(({ raw }) => raw)).toEqual(items);
  });

  const notAnArray =
    'The file must be one JSON array, [{…}, {…}]. With one JSON object on each line its format is JSONL.';
  it.each([
    ['is empty', '', notAnArray],
    ['is an object', '{"items":[]}', notAnArray],
    ['was cut off', '[{"a":1},{"a":', 'The JSON array ends within row 2. Was the file sent whole?'],
    ['goes on behind its array', '[1]\n[2]', 'Something follows the end of the JSON array.'],
    ['holds what is no JSON', '[{"a":1},{"a":NaN}]', /^The file stops being JSON in row 2: /],
    ['has a row beyond all measure', `[1,"${'x'.repeat(1_200_000)}"]`, 'Row 2 is longer than 1048576 bytes.'],
  ])('that %s cannot be read, and says why', async (_, content, message) => {
    const reading = read('JSON', content);
    await expect(reading).rejects.toThrow(UnreadableSourceError);
    await expect(reading).rejects.toThrow(message);
  });
});

describe('a JSONL file', () => {
  it('is read line by line, without empty ones, its figures unchanged', async () => {
    const content = '\uFEFF{"a":1.5}\r\n\n  \n{"a":12345678901234567.89}\n[1]\n"x"';
    expect(await read('JSONL', content)).toEqual([
      { row: 1, raw: { a: 1.5 } },
      { row: 2, raw: { a: '12345678901234567.89' } },
      { row: 3, raw: [1] },
      { row: 4, raw: 'x' },
    ]);
  });

  it('with a broken line has one bad row', async () => {
    const rows = await read('JSONL', '{"a":1}\n{"a":\n{"a":2}\n');
    expect(rows).toMatchObject([{ row: 1 }, { row: 2, raw: '{"a":', problem: { row: 2 } }, { row: 3, raw: { a: 2 } }]);
    expect(rows[1]?.problem?.message).toMatch(/^is not JSON: /);
  });

  it('with a line beyond all measure has one bad row, of which it keeps the beginning', async () => {
    const long = `{"a":"${'x'.repeat(3_000_000)}"}`;
    const problem = { path: [], row: 2, field: null, message: 'is longer than 1048576 bytes' };
    expect(await read('JSONL', `{"a":1}\n${long}\n{"a":3}\n`)).toEqual([
      { row: 1, raw: { a: 1 } },
      { row: 2, raw: long.slice(0, 200), problem },
      { row: 3, raw: { a: 3 } },
    ]);
    expect(await read('JSONL', `{"a":1}\n${long}`)).toEqual([
      { row: 1, raw: { a: 1 } },
      { row: 2, raw: long.slice(0, 200), problem },
    ]);
  });

  it('that is empty has no rows', async () => {
    expect(await read('JSONL', '')).toEqual([]);
  });

  it.each(['[\n{"a":1}\n]', '[{"a":1}]'])('that is one JSON array cannot be read: %j', async (content) => {
    await expect(read('JSONL', content)).rejects.toThrow(
      /^The file is a JSON array; JSONL has one JSON object on each line/,
    );
  });
});

describe('a packed file', () => {
  const packed = gzipSync(`a,b\n${'1,2\n'.repeat(50_000)}`);

  it('is told by its first bytes and unpacked', async () => {
    expect(await read('CSV', packed)).toHaveLength(50_000);
  });

  it('may consist of several parts', async () => {
    expect(await read('CSV', Buffer.concat([gzipSync('a,b\n1,2\n'), gzipSync('3,4\n')]))).toHaveLength(2);
  });

  it.each([
    ['was cut off', packed.subarray(0, packed.length - 20)],
    ['is damaged', Buffer.concat([packed.subarray(0, 40), Buffer.alloc(60, 0xff), packed.subarray(100)])],
  ])('that %s cannot be read, and says why', async (_, content) => {
    const reading = read('CSV', content);
    await expect(reading).rejects.toThrow(UnreadableSourceError);
    await expect(reading).rejects.toThrow(/^The file begins like gzip but cannot be unpacked: /);
  });
});

describe('an upload', () => {
  it('tells how much of it is read, and closes when its reader stops', async () => {
    const content = `a,b\n${'1,2\n'.repeat(100_000)}`;
    await storage.put('uploads/file', Readable.from([content]));
    const opened = openSource({ kind: 'upload', uploadId: 'file', format: 'CSV' }, { storage });
    for await (const rows of opened) if (rows.some(({ row }) => row === 50_000)) break;
    expect(opened.progress?.bytesTotal).toBe(content.length);
    expect(opened.progress?.bytesRead).toBeGreaterThan(200_000);
    expect(opened.progress?.bytesRead).toBeLessThan(content.length);
  });

  it('without a file is not found', async () => {
    const opened = openSource({ kind: 'upload', uploadId: 'gone', format: 'CSV' }, { storage });
    await expect(Array.fromAsync(opened)).rejects.toThrow(NotFoundError);
  });
});
