import { expect, test } from 'vitest';
import { assertExportable, exportContents, exportFormats } from './export.ts';

const requests = exportFormats.flatMap((format) => exportContents.map((content) => ({ format, content })));

test.each(requests.filter(({ format, content }) => format !== 'CSV' || content !== 'ALL'))(
  '$content can be exported as $format',
  (request) => {
    expect(() => assertExportable(request)).not.toThrow();
  },
);

test('ALL as CSV is refused with what can be asked for instead', () => {
  expect(() => assertExportable({ format: 'CSV', content: 'ALL' })).toThrow('ask for ITEMS, FAILURES or AGGREGATES');
});
