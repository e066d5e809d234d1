import { ConflictError, InvalidInputError, LimitExceededError, NotFoundError } from '../src/domain/errors.ts';
import { builder } from './builder.ts';
import { ExportContentEnum, ExportFormatEnum } from './enums.ts';
import { ExportNode } from './export-node.ts';
import { getUuid, toGlobalId } from './global-id.ts';
import type { Export } from './loaders.ts';

const CreateExportInput = builder.inputType('CreateExportInput', {
  description: 'A file to make from the results of a job.',
  fields: (t) => ({
    jobId: t.id({ required: true, description: 'The `id` of the job, global or plain.' }),
    format: t.field({ type: ExportFormatEnum, required: true, description: 'Format of the file.' }),
    content: t.field({
      type: ExportContentEnum,
      required: true,
      defaultValue: 'ITEMS',
      description: 'What the file holds.',
    }),
    fileNamePrefix: t.string({ description: "What the file's name begins with; the title of the job when left out." }),
    columns: t.stringList({
      description: 'Columns of a CSV or PARQUET file by their names, in their order; all when left out.',
    }),
  }),
});

const CreateExportPayload = builder.objectRef<{ export: Export }>('CreateExportPayload').implement({
  description: 'The export is being written.',
  fields: (t) => ({ export: t.expose('export', { type: ExportNode, description: 'The export.' }) }),
});

builder.mutationField('createExport', (t) =>
  t.field({
    type: CreateExportPayload,
    access: 'SUBMIT',
    description: 'Makes a file from the results of a job; follow it by its journal entries or by asking for it again.',
    errors: {
      types: [NotFoundError, ConflictError, InvalidInputError, LimitExceededError],
      union: { description: 'What became of `createExport`.' },
    },
    args: { input: t.arg({ type: CreateExportInput, required: true, description: 'The file to make.' }) },
    resolve: async (_, { input }, { services, viewer }) => ({
      export: await services.exports.createExport(viewer, {
        jobId: getUuid('Job', input.jobId),
        format: input.format,
        content: input.content,
        fileNamePrefix: input.fileNamePrefix ?? null,
        ...(input.columns ? { columns: input.columns } : {}),
      }),
    }),
  }),
);

const DeleteExportInput = builder.inputType('DeleteExportInput', {
  description: 'Which export `deleteExport` is about.',
  fields: (t) => ({ exportId: t.id({ required: true, description: 'The `id` of the export, global or plain.' }) }),
});

const DeleteExportPayload = builder.objectRef<{ exportId: string }>('DeleteExportPayload').implement({
  description: 'The export and its file are deleted.',
  fields: (t) => ({
    exportId: t.id({
      description: 'The id that the export had.',
      resolve: ({ exportId }) => toGlobalId('Export', exportId),
    }),
  }),
});

builder.mutationField('deleteExport', (t) =>
  t.field({
    type: DeleteExportPayload,
    access: 'CONTROL',
    description: 'Deletes an export and its file.',
    errors: { types: [NotFoundError, ConflictError], union: { description: 'What became of `deleteExport`.' } },
    args: { input: t.arg({ type: DeleteExportInput, required: true, description: 'The export.' }) },
    resolve: async (_, { input }, { services, viewer }) => {
      const exportId = getUuid('Export', input.exportId);
      await services.exports.deleteExport(viewer, exportId);
      return { exportId };
    },
  }),
);
