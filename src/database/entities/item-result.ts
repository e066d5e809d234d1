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
  // Nearly all items succeed, and those are found by the primary key: an entry for each would cost as much as its row.
  indexes: [
    {
      name: 'item_results_exceptions_index',
      expression: `create index "item_results_exceptions_index" on "item_results" ("job_id", "state", "index") where "state" <> 'SUCCEEDED'`,
    },
  ],
  partitionBy: { type: 'hash', expression: ['jobId'], partitions: 8 },
});
