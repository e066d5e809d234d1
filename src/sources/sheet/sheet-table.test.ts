import { expect, test } from 'vitest';
import { ResponseTooLargeError, type SheetsClient } from '../../providers/google/sheets-client.ts';
import { openTable, readPage, toProof } from './sheet-table.ts';

/** A tab of so many rows that gives no more than some at a time. */
function clientOf(cells: (string | number)[][], mostRows = Infinity): SheetsClient {
  return {
    describe: async () => ({
      title: 'Plan',
      tabs: [{ id: 0, title: 'Ideas', rowCount: cells.length, columnCount: 3, isHidden: false }],
      namedRanges: [],
    }),
    read: async (_, ranges) =>
      ranges.map((range) => {
        const [, top = '', bottom = ''] = /![A-Z]+(\d+):[A-Z]+(\d+)$/.exec(range) ?? [];
        if (Number(bottom) - Number(top) >= mostRows) throw new ResponseTooLargeError('Too large.');
        return cells.slice(Number(top) - 1, Number(bottom));
      }),
    write: () => Promise.reject(new Error('Nothing is written here.')),
    addColumns: () => Promise.reject(new Error('Nothing is added here.')),
  };
}

const source = { spreadsheetId: 'plan', range: null, headerRow: 1, writeBack: null };
const rows = (from: number, count: number) => Array.from({ length: count }, (_, at) => [`row ${from + at}`]);

test('fewer rows are asked for at a time where an answer would be too large', async () => {
  const client = clientOf([['Value'], ...rows(1, 40)], 8);
  const table = await openTable(client, source);
  const page = await readPage(client, { spreadsheetId: 'plan', table, from: 1, last: null, pageRows: 30 });
  expect([page.rows.map(({ cells }) => cells), page.nextRow]).toEqual([rows(1, 8), 9]);
});

test('a page goes on behind the row that was read last, as long as it is the same', async () => {
  const client = clientOf([['Value'], ...rows(1, 5)]);
  const table = await openTable(client, source);
  const request = { spreadsheetId: 'plan', table, from: 3, pageRows: 10 };
  const last = { row: 2, cells: ['row 2'] };
  expect((await readPage(client, { ...request, last: toProof(last) })).rows.map(({ row }) => row)).toEqual([3, 4, 5]);
  const other = toProof({ row: 2, cells: ['row 1'] });
  await expect(readPage(client, { ...request, last: other })).rejects.toThrow(
    'The sheet was edited while it was read: row 3 is another one now. Try again when nobody edits it.',
  );
});

test.each([
  [[['Value', 'Note'], ...rows(1, 2)], 'its header is another one now'],
  [[['Other'], ...rows(1, 2)], 'its header is another one now'],
])('%j has another header than before', async (cells, what) => {
  const table = await openTable(clientOf([['Value', 'Remark'], ...rows(1, 2)]), source);
  const request = { spreadsheetId: 'plan', table, from: 1, last: null, pageRows: 10 };
  await expect(readPage(clientOf(cells), request)).rejects.toThrow(what);
});

test.each([
  [[['A', '', 'C']], 'Column B of the header has no name.'],
  [[['A', 'a', 'A']], 'The header names the column "A" twice.'],
  [[[]], 'Row 1 of "Ideas" is empty: it should name the columns.'],
])('%j names no columns', async (cells, message) => {
  await expect(openTable(clientOf(cells), source)).rejects.toThrow(message);
});
