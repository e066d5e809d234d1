import { buffer } from 'node:stream/consumers';
import { expect, test } from 'vitest';
import { xlsxWorkbook, type XlsxTable } from '../../src/exports/xlsx-workbook.ts';
import { readExport, type XlsxReading } from '../support/read-export.ts';

const column = { name: 'value', type: 'TEXT' } as const;

async function* pagesOf<T>(...pages: T[][][]) {
  yield* pages;
}

async function read(tables: XlsxTable[], maxRows?: number): Promise<XlsxReading> {
  return (await readExport('XLSX', await buffer(xlsxWorkbook(tables, maxRows)))) as XlsxReading; // What it prints.
}

test('a table that is longer than a sheet goes on in the next, under the same header', async () => {
  const numbers = Array.from({ length: 7 }, (_, at) => [at]);
  const exact = Array.from({ length: 4 }, (_, at) => [at]);
  const sheets = await read(
    [
      { name: 'items', columns: [column], pages: pagesOf(numbers.slice(0, 5), [], numbers.slice(5)) },
      { name: 'exact', columns: [column], pages: pagesOf(exact) },
      { name: 'empty', columns: [column], pages: pagesOf() },
    ],
    3,
  );
  expect(Object.entries(sheets).map(([name, { header, frozen, rows }]) => [name, header, frozen, rows.flat()])).toEqual(
    [
      ['items', ['value'], 'A2', [0, 1]],
      ['items 2', ['value'], 'A2', [2, 3]],
      ['items 3', ['value'], 'A2', [4, 5]],
      ['items 4', ['value'], 'A2', [6]],
      ['exact', ['value'], 'A2', [0, 1]],
      ['exact 2', ['value'], 'A2', [2, 3]],
      ['empty', ['value'], 'A2', []],
    ],
  );
});

test('text stays what it is: no formula, no markup, no character lost', async () => {
  const texts = [
    '=1+1',
    '+1',
    '-1',
    '@SUM(A1)',
    '=HYPERLINK("http://x")',
    '＝1+1',
    ' =1',
    '<b>&amp;</b>',
    'a_x0041_b',
    'bell \u0007, nul \u0000, end \uFFFF',
    'two\r\nlines\ttab',
    ' spaces ',
    '😀 日本',
  ];
  const { items } = await read([{ name: 'items', columns: [column], pages: pagesOf(texts.map((text) => [text])) }]);
  expect(items?.rows.flat()).toEqual(texts);
});

test('a text that is longer than a cell is cut, and says how long it was', async () => {
  const rows = ['x'.repeat(32_767), 'x'.repeat(32_768), '😀'.repeat(20_000), 'x😀'.repeat(20_000)].map((text) => [
    text,
  ]);
  const { items } = await read([{ name: 'items', columns: [column], pages: pagesOf(rows) }]);
  const [fits, ...cut] = items?.rows.flat().map(String) ?? [];
  expect(fits).toBe(rows[0]?.[0]);
  expect(cut.map((text) => text.slice(text.indexOf('…')))).toEqual([
    '… [cut: 32768 characters]',
    '… [cut: 40000 characters]',
    '… [cut: 60000 characters]',
  ]);
  expect(cut.map((text) => text.isWellFormed() && text.length <= 32_767 && text.length >= 32_766)).toEqual([
    true,
    true,
    true,
  ]);
});

test('a table may have hundreds of columns', async () => {
  const columns = Array.from({ length: 800 }, (_, at) => ({ name: `c${at}`, type: 'INTEGER' as const }));
  const { items } = await read([{ name: 'items', columns, pages: pagesOf([columns.map((_, at) => at)]) }]);
  expect(items?.header).toEqual(columns.map(({ name }) => name));
  expect(items?.rows).toEqual([columns.map((_, at) => at)]);
});

test('a table that breaks breaks the workbook', async () => {
  async function* broken(): XlsxTable['pages'] {
    yield [['x']];
    throw new Error('The database is gone.');
  }
  await expect(read([{ name: 'items', columns: [column], pages: broken() }])).rejects.toThrow('The database is gone.');
});
