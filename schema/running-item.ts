import type { RunningItem } from '../src/jobs/reads/job-reads.ts';
import { builder } from './builder.ts';
import { toGlobalId } from './global-id.ts';

export const RunningItemType = builder.objectRef<RunningItem>('RunningItem').implement({
  description: 'An item that takes long, while a worker is at it.',
  fields: (t) => ({
    itemId: t.id({
      description: 'The item: `Item.id`.',
      resolve: ({ jobId, index }) => toGlobalId('Item', `${jobId}/${index}`),
    }),
    index: t.expose('index', { type: 'BigInt', description: 'Place in the source, from 0.' }),
    key: t.exposeString('key', { description: "The item's own name, or its index when it has none." }),
    stage: t.exposeString('stage', { description: 'Name of the stage that it is in.' }),
    percent: t.exposeFloat('percent', { description: 'Share of the stage that is done, from 0 to 100.' }),
    step: t.exposeString('step', { description: 'What is done with it, for people: "Scene 2 of 5".' }),
    updatedAt: t.expose('updatedAt', { type: 'DateTime', description: 'When it was last heard of.' }),
  }),
});
