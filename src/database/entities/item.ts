import { defineEntity, p } from '@mikro-orm/core';

/** An item as it was read from the source. Written once, by COPY. */
export const ItemEntity = defineEntity({
  name: 'Item',
  tableName: 'items',
  properties: {
    jobId: p.uuid().primary(),
    index: p.bigint('number').primary(),
    key: p.text(),
    payload: p.json<unknown>(),
  },
  partitionBy: { type: 'hash', expression: ['jobId'], partitions: 8 },
});
