import { ConflictError, InvalidInputError, LimitExceededError, NotFoundError } from '../src/domain/errors.ts';
import { builder } from './builder.ts';
import { ExportNode } from './export-node.ts';
import { exportRequestFields, ExportRequestInput } from './export-request.ts';
import { getUuid, toGlobalId } from './global-id.ts';
import type { Export } from './loaders.ts';

const CreateExportInput = builder.inputType('CreateExportInput', {
  description: 'A file to make from the results of a job.',
  fields: (t) => ({
    jobId: t.id({ required: true, description: 'The `id` of the job, global or plain.' }),
    ...exportRequestFields(t),
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
    description:
      'Makes a file from the results of a job, also while it runs: then from what it has so far. Follow it by `exportProgress`.',
    errors: {
      types: [NotFoundError, ConflictError, InvalidInputError, LimitExceededError],
      union: { description: 'What became of `createExport`.' },
    },
    args: { input: t.arg({ type: CreateExportInput, required: true, description: 'The file to make.' }) },
    resolve: async (_, { input }, { services, viewer }) => ({
      export: await services.exports.createExport(viewer, {
        ...input,
        jobId: getUuid('Job', input.jobId),
      }),
    }),
  }),
);

const CreateExportsInput = builder.inputType('CreateExportsInput', {
  description: 'Several files to make from the results of one job.',
  fields: (t) => ({
    jobId: t.id({ required: true, description: 'The `id` of the job, global or plain.' }),
    exports: t.field({ type: [ExportRequestInput], required: true, description: 'The files, at most 10.' }),
  }),
});

const CreateExportsPayload = builder.objectRef<{ exports: Export[] }>('CreateExportsPayload').implement({
  description: 'The exports are being written.',
  fields: (t) => ({
    exports: t.expose('exports', { type: [ExportNode], description: 'The exports, in the order of the request.' }),
  }),
});

builder.mutationField('createExports', (t) =>
  t.field({
    type: CreateExportsPayload,
    access: 'SUBMIT',
    description: 'Makes several files from the results of a job, all or none of them: otherwise as `createExport`.',
    errors: {
      types: [NotFoundError, ConflictError, InvalidInputError, LimitExceededError],
      union: { description: 'What became of `createExports`.' },
    },
    args: { input: t.arg({ type: CreateExportsInput, required: true, description: 'The files to make.' }) },
    resolve: async (_, { input }, { services, viewer }) => ({
      exports: await services.exports.createExports(viewer, getUuid('Job', input.jobId), input.exports),
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
