import { NotFoundError } from '../src/domain/errors.ts';
import { uploadFormats, type JobSource, type UploadFormat } from '../src/domain/job.ts';
import { uploadFormatOf } from '../src/domain/upload-format.ts';
import { builder } from './builder.ts';
import type { Context } from './context.ts';
import { UploadFormatEnum } from './enums.ts';
import { getUuid } from './global-id.ts';
import { invalid } from './invalid.ts';

const InlineSourceInput = builder.inputType('InlineSourceInput', {
  description: 'Items that the request carries itself, at most 1,000.',
  fields: (t) => ({
    items: t.field({
      type: ['JSON'],
      required: true,
      description: 'The items, each as the schema of the job type has it.',
    }),
  }),
});

const ColumnMappingInput = builder.inputType('ColumnMappingInput', {
  description: 'A column of the file, and the field of the item that it fills.',
  fields: (t) => ({
    column: t.string({ required: true, description: 'Name of the column, as the file has it.' }),
    field: t.string({ required: true, description: 'Name of the field, as the job type has it.' }),
  }),
});

const UploadSourceInput = builder.inputType('UploadSourceInput', {
  description: 'A file that was sent before.',
  fields: (t) => ({
    uploadId: t.id({ required: true, description: 'The upload.' }),
    format: t.field({
      type: UploadFormatEnum,
      description:
        'How the items lie in the file; by its name, else by the name of the file in its ZIP archive, when left out.',
    }),
    delimiter: t.string({
      description:
        'Character between the columns of a CSV; comma, semicolon, tab or pipe is told by the header when left out.',
    }),
    encoding: t.string({
      description:
        'How the text is encoded, by its label in the WHATWG Encoding Standard, like `latin1` or `windows-1252`; by its byte order mark, else UTF-8, when left out.',
    }),
    sheet: t.string({
      description:
        'Sheet of an XLSX workbook, by its name or its position from 1; the first that is not hidden when left out.',
    }),
    headerRow: t.int({
      description:
        'Row of the sheet that names the columns, counted from 1; the first that is not empty when left out.',
    }),
    entry: t.string({
      description:
        'File in a ZIP archive, by its whole name; the only one, or the only one of the format, when left out.',
    }),
    columns: t.field({
      type: [ColumnMappingInput],
      description: 'Columns that are not called like their fields; the others go to the field of their own name.',
    }),
  }),
});

export const JobSourceInput = builder.inputType('JobSourceInput', {
  description: 'Where the items come from: exactly one source.',
  isOneOf: true,
  fields: (t) => ({
    inline: t.field({ type: InlineSourceInput, description: 'Items that the request carries itself.' }),
    upload: t.field({ type: UploadSourceInput, description: 'A file that was sent before.' }),
  }),
});

/** @throws NotFoundError, InvalidInputError when no name tells the format of the file */
export async function readSource(source: typeof JobSourceInput.$inferInput, context: Context): Promise<JobSource> {
  if (source.inline) return { kind: 'inline', items: [...source.inline.items] };
  const { upload } = source;
  if (!upload) throw new Error('GraphQL let a @oneOf input through that has no member.');
  const uploadId = getUuid('Upload', upload.uploadId);
  return {
    kind: 'upload',
    uploadId,
    format: upload.format ?? (await findFormat(uploadId, upload.entry, context)),
    delimiter: upload.delimiter,
    encoding: upload.encoding,
    sheet: upload.sheet,
    headerRow: upload.headerRow,
    entry: upload.entry,
    columns: upload.columns?.map(({ column, field }) => ({ column, field })),
  };
}

async function findFormat(
  uploadId: string,
  entry: string | null | undefined,
  { services, viewer }: Context,
): Promise<UploadFormat> {
  const upload = await services.uploads.findUpload(viewer, uploadId);
  if (!upload) throw new NotFoundError(`There is no upload ${uploadId}.`);
  const format = uploadFormatOf(upload.fileName) ?? (await services.uploads.findPackedFormat(upload, entry ?? null));
  if (format !== null) return format;
  throw invalid(
    ['source', 'upload', 'format'],
    `The name ${JSON.stringify(upload.fileName)} does not tell the format: say one of ${uploadFormats.join(', ')}.`,
  );
}
