import { expect, test } from 'vitest';
import { fileNameOf, formatOf } from './remote-file.ts';

const url = new URL('https://files.example/of%20May/b%C3%BCcher.csv?signature=secret');

test.each([
  [undefined, 'bücher.csv'],
  ['attachment', 'bücher.csv'],
  ['attachment; filename=a.tsv', 'a.tsv'],
  ['attachment; filename="a \\"b\\".json"', 'a "b".json'],
  [`attachment; filename="x.csv"; filename*=UTF-8''caf%C3%A9.jsonl`, 'café.jsonl'],
  ['attachment; filename="../../etc/passwd"', '....etcpasswd'],
  ['attachment; filename="/"', 'file'],
])('a file with the disposition %s is called %s', (disposition, name) => {
  expect(fileNameOf(disposition, url)).toBe(name);
});

test('a URL that cannot be decoded still names its file', () => {
  expect(fileNameOf(undefined, new URL('https://files.example/%E0%A4%A.csv'))).toBe('%E0%A4%A.csv');
  expect(fileNameOf(undefined, new URL('https://files.example/'))).toBe('file');
});

test.each([
  ['a.csv.gz', 'application/octet-stream', 'CSV'],
  ['a.tsv', 'text/csv', 'TSV'],
  ['export', 'text/csv; charset=utf-8', 'CSV'],
  ['export', 'Application/X-NDJSON', 'JSONL'],
  ['export', 'application/vnd.openxmlformats-officedocument.spreadsheetml.sheet', 'XLSX'],
  ['export', 'application/vnd.apache.parquet', 'PARQUET'],
  ['export', 'text/html', null],
  ['export', null, null],
])('%s of the type %s is read as %s', (fileName, contentType, format) => {
  expect(formatOf({ fileName, contentType })).toBe(format);
});
