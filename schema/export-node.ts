import { NotFoundError } from '../src/domain/errors.ts';
import { builder } from './builder.ts';
import { ExportContentEnum, ExportFormatEnum, ExportStateEnum } from './enums.ts';
import { toGlobalId } from './global-id.ts';
import { JobNode } from './job-node.ts';
import { loadJob, type Export } from './loaders.ts';

export const ExportNode = builder.objectRef<Export>('Export').implement({
  description: "A file made from a job's results.",
  access: 'FOLLOW',
  interfaces: [builder.nodeInterfaceRef()],
  fields: (t) => ({
    id: t.id({
      description: 'Identifies the export among everything in Longhaul.',
      resolve: ({ id }) => toGlobalId('Export', id),
    }),
    job: t.field({
      type: JobNode,
      description: 'The job whose results it holds.',
      resolve: async ({ jobId }, _, context) => {
        const job = await loadJob(jobId, context);
        if (!job) throw new NotFoundError(`Job ${jobId} is gone.`);
        return job;
      },
    }),
    format: t.expose('format', { type: ExportFormatEnum, description: 'Format of the file.' }),
    content: t.expose('content', { type: ExportContentEnum, description: 'What the file holds.' }),
    columns: t.exposeStringList('columns', {
      nullable: true,
      description: 'Columns that were chosen, in their order; null when none were.',
    }),
    state: t.expose('state', { type: ExportStateEnum, description: 'Where the export stands.' }),
    percent: t.float({
      description: 'Share that is written, from 0 to 100.',
      resolve: ({ percent }) => Number(percent),
    }),
    fileName: t.exposeString('fileName', {
      nullable: true,
      description: 'Name of the file; null until it is written.',
    }),
    byteSize: t.expose('byteSize', {
      type: 'BigInt',
      nullable: true,
      description: 'Size of the file in bytes; null until it is written.',
    }),
    sha256: t.exposeString('sha256', {
      nullable: true,
      description: 'SHA-256 of the file in lower-case hexadecimal; null until it is written.',
    }),
    downloadUrl: t.field({
      type: 'URL',
      nullable: true,
      description: 'Signed link to the file; null when there is none to download.',
      resolve: (found, _, { services }) => services.exports.downloadUrl(found),
    }),
    asOfSequence: t.expose('asOfSequence', {
      type: 'BigInt',
      nullable: true,
      description: 'Number of the last journal entry whose changes the file shows; null until it is read.',
    }),
    createdAt: t.expose('createdAt', { type: 'DateTime', description: 'When it was asked for.' }),
    completedAt: t.expose('completedAt', {
      type: 'DateTime',
      nullable: true,
      description: 'When it was written; null before that.',
    }),
    expiresAt: t.expose('expiresAt', {
      type: 'DateTime',
      nullable: true,
      description: 'When the file is deleted; null until it is written.',
    }),
    error: t.exposeString('error', { nullable: true, description: 'Why it is FAILED; null when it is not.' }),
  }),
});
