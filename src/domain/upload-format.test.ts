import { expect, test } from 'vitest';
import { uploadFormats } from './job.ts';
import { isTable, uploadFormatOf } from './upload-format.ts';

test.each([
  ['CSV', ['a.csv', 'A.CSV.GZ', 'a.csv.zip']],
  ['TSV', ['a.tsv', 'a.tab.gz']],
  ['JSONL', ['a.jsonl', 'a.ndjson.gz']],
  ['JSON', ['a.json', 'a.csv.json.gz']],
  ['XLSX', ['a.xlsx', 'A.XLSM', 'a.xlsx.zip']],
  ['PARQUET', ['a.parquet', 'a.parquet.gz']],
  [null, ['a.xls', 'csv', 'a.zip', 'a.constructor', '.gz', '']],
])('%s is told by names like %j, packed or not', (format, names) => {
  expect(names.map(uploadFormatOf)).toEqual(names.map(() => format));
});

test('tables begin with a header, and their values need not have the types of the fields', () => {
  expect(uploadFormats.filter(isTable)).toEqual(['CSV', 'TSV', 'XLSX']);
});
