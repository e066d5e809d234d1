import { expect, test } from 'vitest';
import { assertExportable, exportContents, exportFormats, exportStates, isExportEnded } from './export.ts';

const requests = exportFormats.flatMap((format) => exportContents.map((content) => ({ format, content })));

test.each(requests.filter(({ format, content }) => content !== 'ALL' || (format !== 'CSV' && format !== 'PARQUET')))(
  '$content can be exported as $format',
  (request) => {
    expect(() => assertExportable(request)).not.toThrow();
  },
);

test.each(['CSV', 'PARQUET'] as const)('ALL as %s is refused with what can be asked for instead', (format) => {
  expect(() => assertExportable({ format, content: 'ALL' })).toThrow('ask for ITEMS, FAILURES or AGGREGATES');
});

test.each([
  ['JSON', 'ITEMS'],
  ['ZIP', 'ALL'],
  ['CSV', 'AGGREGATES'],
  ['XLSX', 'ALL'],
] as const)('columns of %s of %s cannot be chosen', (format, content) => {
  expect(() => assertExportable({ format, content, columns: ['key'] })).toThrow(
    'ITEMS or FAILURES as CSV, PARQUET or XLSX',
  );
});

test('columns of a table can be chosen', () => {
  expect(() => assertExportable({ format: 'PARQUET', content: 'FAILURES', columns: ['key'] })).not.toThrow();
});

test('an export has ended when its file is there, never comes, or is gone', () => {
  expect(exportStates.filter(isExportEnded)).toEqual(['COMPLETED', 'FAILED', 'EXPIRED']);
});
