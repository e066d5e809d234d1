import type { ItemCounts } from '../src/domain/item-counts.ts';
import { builder } from './builder.ts';

export const ItemCountsType = builder.objectRef<ItemCounts>('ItemCounts').implement({
  description: 'How many items of a job are in each state; the parts always add up to the total.',
  fields: (t) => ({
    total: t.expose('total', { type: 'BigInt', description: 'All items that were read so far.' }),
    pending: t.expose('pending', { type: 'BigInt', description: 'Items that wait for their turn.' }),
    running: t.expose('running', { type: 'BigInt', description: 'Items in chunks that are running.' }),
    succeeded: t.expose('succeeded', { type: 'BigInt', description: 'Items that are done.' }),
    failed: t.expose('failed', { type: 'BigInt', description: 'Items that ended with an error.' }),
    skipped: t.expose('skipped', { type: 'BigInt', description: 'Items that needed no work.' }),
    canceled: t.expose('canceled', {
      type: 'BigInt',
      description: 'Items that had not ended when the job was canceled.',
    }),
  }),
});
