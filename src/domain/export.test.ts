import { expect, test } from 'vitest';
import { InvalidInputError } from './errors.ts';
import { assertExportable, exportContents, exportFormats } from './export.ts';

test('everything but ALL as CSV can be exported', () => {
  const refused = exportFormats.flatMap((format) =>
    exportContents.filter((content) => {
      try {
        assertExportable({ format, content });
        return false;
      } catch (error) {
        expect(error).toBeInstanceOf(InvalidInputError);
        return true;
      }
    }).map((content) => `${content} as ${format}`),
  );
  expect(refused).toEqual(['ALL as CSV']);
});
