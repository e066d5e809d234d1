import { expect, test } from 'vitest';
import { uploadFormats } from './job.ts';
import { isTable, uploadFormatOf } from './upload-format.ts';

test.each([
  ['CSV', ['a.csv', 'A.CSV.GZ']],
  ['TSV', ['a.tsv', 'a.tab.gz']],
  ['JSONL', ['a.jsonl', 'a.ndjson.gz']],
  ['JSON', ['a.json', 'a.csv.json.gz']],
  [null, ['a.xlsx', 'csv', 'a.csv.zip', 'a.constructor', '.gz', '']],
])('%s is told by names like %j, compressed or not', (format, names) => {
  expect(names.map(uploadFormatOf)).toEqual(names.map(() => format));
});

test('tables hold text, the other formats hold values with types', () => {
  expect(uploadFormats.filter(isTable)).toEqual(['CSV', 'TSV']);
});
