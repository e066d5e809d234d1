import { builder } from './builder.ts';
import { fromIdCursor, toIdCursor } from './cursor.ts';
import { ExportStateEnum } from './enums.ts';
import { ExportNode } from './export-node.ts';
import { pageArgs, toConnection, toPageRequest } from './paging.ts';
import { UploadNode } from './upload-node.ts';

const ExportConnection = builder.connectionObject(
  { name: 'ExportConnection', type: ExportNode, description: 'A page of exports.' },
  { name: 'ExportEdge', description: 'An export in a page.' },
);

const UploadConnection = builder.connectionObject(
  { name: 'UploadConnection', type: UploadNode, description: 'A page of uploads.' },
  { name: 'UploadEdge', description: 'An upload in a page.' },
);

const ExportFilterInput = builder.inputType('ExportFilterInput', {
  description: 'Which exports; what is left out lets all through.',
  fields: (t) => ({
    states: t.field({ type: [ExportStateEnum], description: 'Exports in one of these states.' }),
  }),
});

builder.queryField('exports', (t) =>
  t.field({
    type: ExportConnection,
    access: 'READ',
    description: 'The exports of all jobs of the project, newest first.',
    args: {
      filter: t.arg({ type: ExportFilterInput, description: 'Which exports; all by default.' }),
      ...pageArgs,
    },
    resolve: async (_, { filter, ...page }, { services, viewer }) => {
      const request = toPageRequest(page, fromIdCursor);
      return toConnection(
        await services.exports.listProjectExports(viewer, filter?.states ?? null, request),
        toIdCursor,
      );
    },
  }),
);

builder.queryField('uploads', (t) =>
  t.field({
    type: UploadConnection,
    access: 'READ',
    description: "The project's uploads, newest first, whether their file was received or not.",
    args: pageArgs,
    resolve: async (_, page, { services, viewer }) =>
      toConnection(await services.uploads.listUploads(viewer, toPageRequest(page, fromIdCursor)), toIdCursor),
  }),
);
