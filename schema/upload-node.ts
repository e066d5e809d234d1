import type { Context } from './context.ts';
import { builder } from './builder.ts';
import { toGlobalId } from './global-id.ts';

export type Upload = Awaited<ReturnType<Context['services']['uploads']['createUpload']>>;

export const UploadNode = builder.objectRef<Upload>('Upload').implement({
  description: 'A file that a client sends before it submits a job over it.',
  access: 'READ',
  interfaces: [builder.nodeInterfaceRef()],
  fields: (t) => ({
    id: t.id({
      description: 'Identifies the upload among everything in Longhaul.',
      resolve: ({ id }) => toGlobalId('Upload', id),
    }),
    fileName: t.exposeString('fileName', { description: 'Name that the client gave the file.' }),
    byteSize: t.expose('byteSize', {
      type: 'BigInt',
      nullable: true,
      description: 'Size in bytes; null until the file is received.',
    }),
    sha256: t.exposeString('sha256', {
      nullable: true,
      description: 'SHA-256 in lower-case hexadecimal: as announced, then as received; null when it is not known.',
    }),
    uploadUrl: t.field({
      type: 'URL',
      nullable: true,
      description:
        'Signed link to PUT the file to; null once it is received or the link has expired. After a cut, HEAD on it answers with `upload-offset`, and a PUT with `content-range` sends the rest.',
      resolve: (upload, _, { services }) =>
        upload.receivedAt || upload.expiresAt < new Date() ? null : services.uploads.uploadUrl(upload),
    }),
    createdAt: t.expose('createdAt', { type: 'DateTime', description: 'When it was announced.' }),
    receivedAt: t.expose('receivedAt', {
      type: 'DateTime',
      nullable: true,
      description: 'When the file was received whole; null before that.',
    }),
    expiresAt: t.expose('expiresAt', {
      type: 'DateTime',
      description: 'When the link stops working; the file is deleted then, or when the job that reads it has ended.',
    }),
  }),
});
