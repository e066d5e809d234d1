import { builder } from './builder.ts';
import type { BuilderTypes } from './derive/derived-enum.ts';
import { ExportContentEnum, ExportFormatEnum } from './enums.ts';

/** What every request for an export says. */
export function exportRequestFields(t: PothosSchemaTypes.InputFieldBuilder<BuilderTypes, 'InputObject'>) {
  return {
    format: t.field({ type: ExportFormatEnum, required: true, description: 'Format of the file.' }),
    content: t.field({
      type: ExportContentEnum,
      required: true,
      defaultValue: 'ITEMS',
      description: 'What the file holds.',
    }),
    fileNamePrefix: t.string({ description: "What the file's name begins with; the title of the job when left out." }),
    columns: t.stringList({
      description: 'Columns of a CSV, PARQUET or XLSX file by their names, in their order; all when left out.',
    }),
  };
}

export const ExportRequestInput = builder.inputType('ExportRequestInput', {
  description: 'An export of a job.',
  fields: exportRequestFields,
});
