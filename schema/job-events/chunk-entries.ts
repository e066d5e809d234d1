import type { ChunkFigures } from '../../src/domain/job-event.ts';
import { builder } from '../builder.ts';
import { JobEventInterface } from '../job-event.ts';
import { countFields, errorFields, type Entry, type Fields } from './entry.ts';

builder.objectRef<Entry<'ChunkCompleted'>>('ChunkCompleted').implement({
  description: 'A chunk is done; its results are stored.',
  interfaces: [JobEventInterface],
  fields: (t) => ({
    ...chunkFields(t),
    ...countFields(t),
    succeeded: t.int({ description: 'Items that came through.', resolve: ({ data }) => data.succeeded }),
    failed: t.int({ description: 'Items that failed.', resolve: ({ data }) => data.failed }),
    skipped: t.int({ description: 'Items that needed no work.', resolve: ({ data }) => data.skipped }),
  }),
});

builder.objectRef<Entry<'ChunkFailed'>>('ChunkFailed').implement({
  description: 'A chunk was given up; its remaining items are FAILED.',
  interfaces: [JobEventInterface],
  fields: (t) => ({
    ...chunkFields(t),
    ...countFields(t),
    ...errorFields(t),
    failed: t.int({ description: 'Items that failed by it.', resolve: ({ data }) => data.failed }),
  }),
});

builder.objectRef<Entry<'ItemProgressed'>>('ItemProgressed').implement({
  description: 'An item that takes long came further.',
  interfaces: [JobEventInterface],
  fields: (t) => ({
    stage: t.string({ description: 'Name of the stage that it is in.', resolve: ({ data }) => data.stage }),
    generation: t.int({ description: 'The run that it belongs to.', resolve: ({ data }) => data.generation }),
    index: t.field({ type: 'BigInt', description: 'Place in the source, from 0.', resolve: ({ data }) => data.index }),
    key: t.string({ description: "The item's own name, or its index.", resolve: ({ data }) => data.key }),
    percent: t.float({ description: 'Share of the stage, from 0 to 100.', resolve: ({ data }) => data.percent }),
    step: t.string({ description: 'What is done with it, for people.', resolve: ({ data }) => data.step }),
    warning: t.string({
      nullable: true,
      description: 'What people should know of it though it goes on; null when nothing.',
      resolve: ({ data }) => data.warning,
    }),
  }),
});

function chunkFields<Parent extends { data: ChunkFigures }>(t: Fields<Parent>) {
  return {
    stage: t.string({ description: 'Name of the stage.', resolve: ({ data }) => data.stage }),
    generation: t.int({
      description: 'The run that it belongs to: 0 is the first, 1 and up are redrives.',
      resolve: ({ data }) => data.generation,
    }),
    index: t.int({ description: 'Place among the chunks of the stage.', resolve: ({ data }) => data.index }),
    firstItem: t.field({
      type: 'BigInt',
      description: 'Index of its first item.',
      resolve: ({ data }) => data.firstItem,
    }),
    lastItem: t.field({ type: 'BigInt', description: 'Index of its last item.', resolve: ({ data }) => data.lastItem }),
    attempt: t.int({ description: 'Which attempt it was, from 1.', resolve: ({ data }) => data.attempt }),
  };
}
