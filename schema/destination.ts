import { destinationKinds, type DestinationKind } from '../src/domain/destination.ts';
import type { Context } from './context.ts';
import { builder } from './builder.ts';
import { fromIdCursor, toIdCursor } from './cursor.ts';
import { describedEnum } from './described-enum.ts';
import { toGlobalId } from './global-id.ts';
import { pageArgs, toConnection, toPageRequest } from './paging.ts';

export type Destination = Awaited<ReturnType<Context['services']['destinations']['connectDestination']>>;

const DestinationKindEnum = describedEnum<DestinationKind>(
  'DestinationKind',
  'Where a destination lies.',
  destinationKinds,
  {
    S3: 'In a bucket of Amazon S3, or of a store that speaks its protocol.',
    GCS: 'In a bucket of Google Cloud Storage.',
    FOLDER: 'In a folder on the server.',
  },
);

export const DestinationNode = builder.objectRef<Destination>('Destination').implement({
  description: 'A bucket or folder of the project to which jobs deliver files; its credentials are never shown.',
  access: 'READ',
  interfaces: [builder.nodeInterfaceRef()],
  fields: (t) => ({
    id: t.id({
      description: 'Identifies the destination among everything in Longhaul.',
      resolve: ({ id }) => toGlobalId('Destination', id),
    }),
    name: t.exposeString('name', { description: 'What people call it, unique in the project.' }),
    kind: t.expose('kind', { type: DestinationKindEnum, description: 'What kind of place it is.' }),
    bucket: t.exposeString('bucket', { description: 'Name of the bucket or folder.' }),
    prefix: t.exposeString('prefix', { description: 'What every key in the bucket begins with; may be empty.' }),
    region: t.exposeString('region', {
      nullable: true,
      description: 'Region of the bucket; null when none was named.',
    }),
    endpoint: t.exposeString('endpoint', {
      nullable: true,
      description: "Where the store is; null for Amazon's and Google's own, and for a folder.",
    }),
    createdAt: t.expose('createdAt', { type: 'DateTime', description: 'When it was connected first.' }),
    updatedAt: t.expose('updatedAt', {
      type: 'DateTime',
      description: 'When its place and credentials came, and a probe was written, read and deleted there.',
    }),
  }),
});

const DestinationConnection = builder.connectionObject(
  { name: 'DestinationConnection', type: DestinationNode, description: 'A page of destinations.' },
  { name: 'DestinationEdge', description: 'A destination in a page.' },
);

builder.queryField('destinations', (t) =>
  t.field({
    type: DestinationConnection,
    access: 'READ',
    description: 'The buckets and folders to which jobs of the project can deliver files, newest first.',
    args: pageArgs,
    resolve: async (_, page, { services, viewer }) =>
      toConnection(await services.destinations.listDestinations(viewer, toPageRequest(page, fromIdCursor)), toIdCursor),
  }),
);
