import { defineEntity, p } from '@mikro-orm/core';

/** What is known of a slow item that has not ended: how far it is, and what its last stage passed on. Its end deletes the row. */
export const OpenItemEntity = defineEntity({
  name: 'OpenItem',
  tableName: 'open_items',
  properties: {
    jobId: p.uuid().primary(),
    index: p.bigint('number').primary(),
    generation: p.integer(),
    /** The chunk and the attempt at it that told of it last. */
    stage: p.smallint(),
    chunk: p.integer(),
    attempt: p.integer(),
    data: p.json<unknown>().nullable(),
    percent: p.double().default(0),
    /** For people; null when its stage has not said yet what it does. */
    step: p.text().nullable(),
    updatedAt: p.datetime().defaultRaw('now()'),
  },
});
