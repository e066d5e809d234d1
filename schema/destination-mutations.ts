import { ConflictError, NotFoundError } from '../src/domain/errors.ts';
import { builder } from './builder.ts';
import { commandErrors } from './command-errors.ts';
import { DestinationNode, type Destination } from './destination.ts';
import { getUuid, toGlobalId } from './global-id.ts';

const S3DestinationInput = builder.inputType('S3DestinationInput', {
  description: 'A bucket of Amazon S3, or of a store that speaks its protocol.',
  fields: (t) => ({
    bucket: t.string({ required: true, description: 'Name of the bucket, which must be there.' }),
    prefix: t.string({ description: 'What every key begins with, like `videos`; none by default.' }),
    region: t.string({ description: 'Region of the bucket; needed at Amazon.' }),
    endpoint: t.string({ description: "Where the store is, like `https://s3.example.com`; Amazon's by default." }),
    accessKeyId: t.string({ required: true, description: 'Id of a key that may read, write, list and delete there.' }),
    secretAccessKey: t.string({ required: true, description: 'Its secret; it is kept encrypted and never shown.' }),
  }),
});

const GcsDestinationInput = builder.inputType('GcsDestinationInput', {
  description: 'A bucket of Google Cloud Storage.',
  fields: (t) => ({
    bucket: t.string({ required: true, description: 'Name of the bucket, which must be there.' }),
    prefix: t.string({ description: 'What every key begins with, like `videos`; none by default.' }),
    serviceAccountKey: t.string({
      required: true,
      description:
        'JSON file of a key of a service account with the role Storage Object User; it is kept encrypted and never shown.',
    }),
  }),
});

const FolderDestinationInput = builder.inputType('FolderDestinationInput', {
  description: 'A folder on the server, where its operator allows that.',
  fields: (t) => ({ folder: t.string({ required: true, description: 'Its name; the project has its own ones.' }) }),
});

const DestinationPlaceInput = builder.inputType('DestinationPlaceInput', {
  description: 'Where a destination lies.',
  isOneOf: true,
  fields: (t) => ({
    s3: t.field({ type: S3DestinationInput, description: 'In a bucket of S3.' }),
    gcs: t.field({ type: GcsDestinationInput, description: 'In a bucket of Google Cloud Storage.' }),
    folder: t.field({ type: FolderDestinationInput, description: 'In a folder on the server.' }),
  }),
});

const ConnectDestinationInput = builder.inputType('ConnectDestinationInput', {
  description: 'A place to which jobs are to deliver files.',
  fields: (t) => ({
    name: t.string({ required: true, description: 'What people call it, at most 200 characters.' }),
    place: t.field({ type: DestinationPlaceInput, required: true, description: 'Where it lies.' }),
    replaces: t.id({
      description: 'A destination that gets this name, place and credentials; jobs that use it go on with them.',
    }),
  }),
});

const ConnectDestinationPayload = builder
  .objectRef<{ destination: Destination }>('ConnectDestinationPayload')
  .implement({
    description: 'A probe was written there, read and deleted; the destination can be used.',
    fields: (t) => ({
      destination: t.expose('destination', { type: DestinationNode, description: 'The destination.' }),
    }),
  });

builder.mutationField('connectDestination', (t) =>
  t.field({
    type: ConnectDestinationPayload,
    access: 'ADMIN',
    description: 'Connects a bucket or folder to the project, once it is seen to work.',
    errors: {
      types: commandErrors,
      union: { description: 'What became of `connectDestination`.' },
    },
    args: { input: t.arg({ type: ConnectDestinationInput, required: true, description: 'The place.' }) },
    resolve: async (_, { input: { name, place, replaces } }, { services, viewer }) => ({
      destination: await services.destinations.connectDestination(
        viewer,
        { name, ...place },
        replaces ? getUuid('Destination', replaces) : null,
      ),
    }),
  }),
);

const DisconnectDestinationInput = builder.inputType('DisconnectDestinationInput', {
  description: 'Which destination `disconnectDestination` is about.',
  fields: (t) => ({
    destinationId: t.id({ required: true, description: 'The `id` of the destination, global or plain.' }),
  }),
});

const DisconnectDestinationPayload = builder
  .objectRef<{ destinationId: string }>('DisconnectDestinationPayload')
  .implement({
    description: 'The destination is forgotten.',
    fields: (t) => ({
      destinationId: t.id({
        description: 'Its id.',
        resolve: ({ destinationId }) => toGlobalId('Destination', destinationId),
      }),
    }),
  });

builder.mutationField('disconnectDestination', (t) =>
  t.field({
    type: DisconnectDestinationPayload,
    access: 'ADMIN',
    description:
      'Forgets a destination and its credentials; files there stay. Refused while jobs that have not ended deliver there.',
    errors: {
      types: [NotFoundError, ConflictError],
      union: { description: 'What became of `disconnectDestination`.' },
    },
    args: { input: t.arg({ type: DisconnectDestinationInput, required: true, description: 'The destination.' }) },
    resolve: async (_, { input }, { services, viewer }) => {
      const destinationId = getUuid('Destination', input.destinationId);
      await services.destinations.disconnectDestination(viewer, destinationId);
      return { destinationId };
    },
  }),
);
