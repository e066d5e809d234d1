import { NotFoundError } from '../src/domain/errors.ts';
import {
  uploadFormats,
  type ColumnMapping,
  type GoogleSheetSource,
  type JobSource,
  type UploadFormat,
} from '../src/domain/job.ts';
import { findSpreadsheetId } from '../src/domain/spreadsheet-id.ts';
import { uploadFormatOf } from '../src/domain/upload-format.ts';
import { builder } from './builder.ts';
import type { Context } from './context.ts';
import type { BuilderTypes } from './derive/derived-enum.ts';
import { EarlierItemsEnum, UploadFormatEnum } from './enums.ts';
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

/** How to read a file, wherever it comes from. */
function fileReadingFields(t: PothosSchemaTypes.InputFieldBuilder<BuilderTypes, 'InputObject'>) {
  return {
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
  };
}

const UploadSourceInput = builder.inputType('UploadSourceInput', {
  description: 'A file that was sent before.',
  fields: (t) => ({
    uploadId: t.id({ required: true, description: 'The upload.' }),
    format: t.field({
      type: UploadFormatEnum,
      description:
        'How the items lie in the file; by its name, else by what it holds (Parquet, XLSX, or the file in its ZIP archive), when left out.',
    }),
    ...fileReadingFields(t),
  }),
});

const HttpHeaderInput = builder.inputType('HttpHeaderInput', {
  description: 'A header of an HTTP request.',
  fields: (t) => ({
    name: t.string({ required: true, description: 'Its name, like `authorization`.' }),
    value: t.string({ required: true, description: 'Its value; it is stored encrypted and never shown.' }),
  }),
});

const UrlSourceInput = builder.inputType('UrlSourceInput', {
  description:
    'A file that the server fetches before it reads it; what is there later makes no difference to the job. It becomes an upload.',
  fields: (t) => ({
    url: t.string({
      required: true,
      description:
        'An `https:` or `http:` URL that answers GET with the file, at a public address; signed URLs may be used. It is stored encrypted and never shown.',
    }),
    headers: t.field({
      type: [HttpHeaderInput],
      description: 'Headers to send, to the host of the URL alone: redirects to other hosts go without.',
    }),
    format: t.field({
      type: UploadFormatEnum,
      description:
        'How the items lie in the file; by its name, else by its media type, else by what it holds (Parquet, XLSX, or the file in its ZIP archive), when left out.',
    }),
    ...fileReadingFields(t),
  }),
});

const EarlierJobSourceInput = builder.inputType('EarlierJobSourceInput', {
  description:
    'Items of a job of the project that has ended, in their order. Until they are read that job can be neither deleted nor retried.',
  fields: (t) => ({
    jobId: t.id({ required: true, description: 'The earlier job; its type may be another one.' }),
    items: t.field({
      type: EarlierItemsEnum,
      required: true,
      defaultValue: 'ALL',
      description: 'Which of its items.',
    }),
    columns: t.field({
      type: [ColumnMappingInput],
      description:
        'Keys of its items that are not called like their fields; the others go to the field of their own name.',
    }),
  }),
});

const SheetWriteBackInput = builder.inputType('SheetWriteBackInput', {
  description:
    'Columns of the same table that are told what became of its rows when the job ends; those that are not there are added to its right. Null leaves one out.',
  fields: (t) => ({
    state: t.string({ defaultValue: 'Status', description: 'Column for the state of the item.' }),
    link: t.string({ defaultValue: 'Link', description: 'Column for a link to what came out, where there is one.' }),
    error: t.string({ defaultValue: 'Error', description: 'Column for the reason why the item failed.' }),
  }),
});

const GoogleSheetSourceInput = builder.inputType('GoogleSheetSourceInput', {
  description:
    'A table in a Google Sheet. Its rows are fetched when the job begins, and become an upload: later changes of the sheet make no difference to the job.',
  fields: (t) => ({
    spreadsheet: t.string({ required: true, description: 'The spreadsheet: its whole URL, or its id.' }),
    range: t.string({
      description:
        "A tab, a named range, or cells like `Ideas!A1:J50` or `'My ideas'!A:J`; the first tab that can be seen when left out.",
    }),
    accountId: t.id({
      description:
        "The connected Google account that may open it; when left out, the installation's service account, else its API key for public sheets.",
    }),
    headerRow: t.int({
      description:
        'Row of the tab that names the columns, counted from 1; the first of the range that is not empty when left out.',
    }),
    columns: t.field({
      type: [ColumnMappingInput],
      description:
        'Columns whose names tell no field; the others go to the field that they name, by its name or an alias.',
    }),
    writeBack: t.field({
      type: SheetWriteBackInput,
      description: 'What the job writes into the sheet when it ends; nothing when left out.',
    }),
  }),
});

export const JobSourceInput = builder.inputType('JobSourceInput', {
  description: 'Where the items come from: exactly one source.',
  isOneOf: true,
  fields: (t) => ({
    inline: t.field({ type: InlineSourceInput, description: 'Items that the request carries itself.' }),
    upload: t.field({ type: UploadSourceInput, description: 'A file that was sent before.' }),
    url: t.field({ type: UrlSourceInput, description: 'A file that the server fetches.' }),
    googleSheet: t.field({ type: GoogleSheetSourceInput, description: 'A table in a Google Sheet.' }),
    job: t.field({ type: EarlierJobSourceInput, description: 'Items of an earlier job.' }),
  }),
});

/** @throws NotFoundError, InvalidInputError when no name tells the format of the file */
export async function readSource(source: typeof JobSourceInput.$inferInput, context: Context): Promise<JobSource> {
  if (source.inline) return { kind: 'inline', items: [...source.inline.items] };
  if (source.url) {
    const { url, headers, format, columns, ...reading } = source.url;
    return {
      kind: 'url',
      url,
      headers: headers?.map(({ name, value }) => ({ name, value })) ?? [],
      format: format ?? null,
      ...reading,
      columns: toColumns(columns),
    };
  }
  if (source.googleSheet) return readGoogleSheet(source.googleSheet);
  if (source.job) {
    const { jobId, items, columns } = source.job;
    return { kind: 'job', jobId: getUuid('Job', jobId), items, columns: toColumns(columns) };
  }
  const { upload } = source;
  if (!upload) throw new Error('GraphQL let a @oneOf input through that has no member.');
  const { format, columns, ...reading } = upload;
  const uploadId = getUuid('Upload', upload.uploadId);
  return {
    ...reading,
    kind: 'upload',
    uploadId,
    format: format ?? (await findFormat(uploadId, reading.entry, context)),
    columns: toColumns(columns),
  };
}

function readGoogleSheet(given: typeof GoogleSheetSourceInput.$inferInput): GoogleSheetSource {
  const { spreadsheet, range, accountId, headerRow, columns, writeBack } = given;
  const spreadsheetId = findSpreadsheetId(spreadsheet);
  if (spreadsheetId === null) {
    throw invalid(
      ['source', 'googleSheet', 'spreadsheet'],
      `spreadsheet must be the URL of a Google Sheet, as the browser shows it, or its id, not ${JSON.stringify(spreadsheet.slice(0, 100))}.`,
    );
  }
  return {
    kind: 'googleSheet',
    spreadsheetId,
    range: range ?? null,
    accountId: accountId ? getUuid('GoogleAccount', accountId) : null,
    headerRow,
    columns: toColumns(columns),
    writeBack: writeBack
      ? { state: writeBack.state ?? null, link: writeBack.link ?? null, error: writeBack.error ?? null }
      : null,
  };
}

function toColumns(columns: readonly ColumnMapping[] | null | undefined): ColumnMapping[] | undefined {
  return columns?.map(({ column, field }) => ({ column, field }));
}

async function findFormat(
  uploadId: string,
  entry: string | null | undefined,
  { services, viewer }: Context,
): Promise<UploadFormat> {
  const upload = await services.uploads.findUpload(viewer, uploadId);
  if (!upload) throw new NotFoundError(`There is no upload ${uploadId}.`);
  const format = uploadFormatOf(upload.fileName) ?? (await services.uploads.findInnerFormat(upload, entry ?? null));
  if (format !== null) return format;
  throw invalid(
    ['source', 'upload', 'format'],
    `The name ${JSON.stringify(upload.fileName)} does not tell the format: say one of ${uploadFormats.join(', ')}.`,
  );
}
