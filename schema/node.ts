import { brandWithType } from '@pothos/core';
import { assertAllowed, requirementOf } from './access-plugin.ts';
import { builder } from './builder.ts';
import type { Context } from './context.ts';
import { findUuid, parseChunkLocalId, parseGlobalId } from './global-id.ts';
import { loadJob } from './loaders.ts';

const loaders: Record<string, (id: string, context: Context) => Promise<object | null>> = {
  Job: async (id, { services, viewer }) =>
    withUuid(findUuid('Job', id), (uuid) => services.reads.findJob(viewer, uuid)),
  Export: async (id, context) => {
    const found = await withUuid(findUuid('Export', id), (uuid) =>
      context.services.exports.findExport(context.viewer, uuid),
    );
    // The exports of a deleted job are gone with it, though their rows are purged later.
    return found && (await loadJob(found.jobId, context)) ? found : null;
  },
  Upload: async (id, { services, viewer }) =>
    withUuid(findUuid('Upload', id), (uuid) => services.uploads.findUpload(viewer, uuid)),
  Destination: async (id, { services, viewer }) =>
    withUuid(findUuid('Destination', id), (uuid) => services.destinations.findDestination(viewer, uuid)),
  Chunk: async (id, { services, viewer }) => {
    const ref = parseChunkLocalId(parseGlobalId(id)?.localId ?? '');
    return ref && (await services.reads.findChunk(viewer, ref));
  },
};

builder.queryField('node', (t) =>
  t.field({
    type: builder.nodeInterfaceRef(),
    access: 'FOLLOW',
    nullable: true,
    description: 'Anything by its id; null when the id names nothing in the project.',
    args: { id: t.arg.id({ required: true, description: 'The `id` of a Job, Chunk, Export, Upload or Destination.' }) },
    resolve: async (_, { id }, context, { schema }) => {
      const type = parseGlobalId(id)?.type ?? '';
      // Before anything is looked for: the answer must not depend on whether it is there.
      const requirement = requirementOf(schema.getType(type) ?? noType);
      if (requirement !== null) assertAllowed(context, requirement, type);
      const found = Object.hasOwn(loaders, type) ? await loaders[type]?.(id, context) : null;
      // The interface reads the brand to say which type it is.
      if (found) brandWithType(found, type as 'ID');
      return found ?? null;
    },
  }),
);

const noType = { extensions: {} };

async function withUuid<T>(uuid: string | null, find: (uuid: string) => Promise<T | null>): Promise<T | null> {
  return uuid === null ? null : await find(uuid);
}
