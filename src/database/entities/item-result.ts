import { defineEntity, p } from '@mikro-orm/core';
import type { FinalItemState } from '../../domain/item-counts.ts';

/** How an item ended. The primary key holds it to one result; an item without a row has not ended. */
export const ItemResultEntity = defineEntity({
  name: 'ItemResult',
  tableName: 'item_results',
  properties: {
    jobId: p.uuid().primary(),
    index: p.bigint('number').primary(),
    /** Position of the stage that ended it. */
    stage: p.smallint(),
    generation: p.integer(),
    attempts: p.integer(),
    state: p.text().$type<FinalItemState>(),
    output: p.json<unknown>().nullable(),
    errorCode: p.text().nullable(),
    errorField: p.text().nullable(),
    errorMessage: p.text().nullable(),
    /** Same for errors that differ only in their figures and names. */
    fingerprint: p.text().nullable(),
    durationMs: p.integer(),
  },
  indexes: [{ properties: ['jobId', 'state', 'index'] }],
  partitionBy: { type: 'hash', expression: ['jobId'], partitions: 8 },
});
