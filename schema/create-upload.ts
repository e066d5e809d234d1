import { InvalidInputError, LimitExceededError } from '../src/domain/errors.ts';
import { builder } from './builder.ts';
import { UploadNode, type Upload } from './upload-node.ts';

const CreateUploadInput = builder.inputType('CreateUploadInput', {
  description: 'A file that is going to be sent.',
  fields: (t) => ({
    fileName: t.string({ required: true, description: 'Name of the file; its ending tells the format.' }),
    byteSize: t.field({
      type: 'BigInt',
      description: 'Size in bytes, to be refused before it is sent when it is too large.',
    }),
    sha256: t.string({ description: 'SHA-256 in hexadecimal; a file that does not match is refused.' }),
  }),
});

const CreateUploadPayload = builder.objectRef<{ upload: Upload }>('CreateUploadPayload').implement({
  description: 'The file can be sent.',
  fields: (t) => ({
    upload: t.expose('upload', { type: UploadNode, description: 'Where to PUT the file, and its id for `submitJob`.' }),
  }),
});

builder.mutationField('createUpload', (t) =>
  t.field({
    type: CreateUploadPayload,
    access: 'SUBMIT',
    description: 'Gives a signed link to PUT a file to, for a job to read.',
    errors: {
      types: [InvalidInputError, LimitExceededError],
      union: { description: 'What became of `createUpload`.' },
    },
    args: { input: t.arg({ type: CreateUploadInput, required: true, description: 'The file.' }) },
    resolve: async (_, { input }, { services, viewer }) => ({
      upload: await services.uploads.createUpload(viewer, {
        fileName: input.fileName,
        byteSize: input.byteSize ? Number(input.byteSize) : null,
        sha256: input.sha256?.toLowerCase() ?? null,
      }),
    }),
  }),
);
