import { z } from 'zod';
import { exportFormats } from '../../src/domain/export.ts';
import { builder } from '../builder.ts';
import { ExportFormatEnum } from '../enums.ts';
import { toGlobalId } from '../global-id.ts';
import { JobEventInterface } from '../job-event.ts';
import { errorFields, type Entry, type Fields } from './entry.ts';

builder.objectRef<Entry<'ExportProgressed'>>('ExportProgressed').implement({
  description: 'An export came further.',
  interfaces: [JobEventInterface],
  fields: (t) => ({
    ...exportFields(t),
    percent: t.float({ description: 'Share that is written, from 0 to 100.', resolve: ({ data }) => data.percent }),
  }),
});

builder.objectRef<Entry<'ExportCompleted'>>('ExportCompleted').implement({
  description: 'An export can be downloaded.',
  interfaces: [JobEventInterface],
  fields: (t) => ({
    ...exportFields(t),
    fileName: t.string({ description: 'Name of the file.', resolve: ({ data }) => data.fileName }),
    byteSize: t.field({
      type: 'BigInt',
      description: 'Size of the file in bytes.',
      resolve: ({ data }) => data.byteSize,
    }),
    sha256: t.string({
      description: 'SHA-256 of the file in lower-case hexadecimal.',
      resolve: ({ data }) => data.sha256,
    }),
  }),
});

builder.objectRef<Entry<'ExportFailed'>>('ExportFailed').implement({
  description: 'An export could not be written.',
  interfaces: [JobEventInterface],
  fields: (t) => ({ ...exportFields(t), ...errorFields(t) }),
});

builder.objectRef<Entry<'ExportExpired'>>('ExportExpired').implement({
  description: 'The time of an export was over; its file is deleted.',
  interfaces: [JobEventInterface],
  fields: (t) => exportFields(t),
});

function exportFields<Parent extends { data: { exportId: string; format: string } }>(t: Fields<Parent>) {
  return {
    exportId: t.id({
      description: 'The export that it is about.',
      resolve: ({ data }) => toGlobalId('Export', data.exportId),
    }),
    format: t.field({
      type: ExportFormatEnum,
      description: 'Format of the file.',
      resolve: ({ data }) => z.enum(exportFormats).parse(data.format),
    }),
  };
}
