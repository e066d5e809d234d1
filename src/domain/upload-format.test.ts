import { expect, test } from 'vitest';
import { uploadFormatOf } from './upload-format.ts';

test('the name of a file tells its format, compressed or not', () => {
  const names = ['a.csv', 'A.CSV.GZ', 'a.jsonl', 'a.ndjson.gz', 'a.xlsx', 'csv', 'a.csv.zip'];
  expect(names.map(uploadFormatOf)).toEqual(['CSV', 'CSV', 'JSONL', 'JSONL', null, null, null]);
});
