import { defineEntity, p } from '@mikro-orm/core';

/** What one commit of a chunk added to one dimension of its job's aggregates. Only ever inserted; the job's end merges them. */
export const AggregatePartEntity = defineEntity({
  name: 'AggregatePart',
  tableName: 'aggregate_parts',
  properties: {
    jobId: p.uuid().primary(),
    /** The aggregate whose groups these are; empty for figures over all items. */
    dimension: p.text().primary(),
    generation: p.integer().primary(),
    chunk: p.integer().primary(),
    /** Items that the chunk had left after the commit: tells the commits of a chunk apart. */
    remaining: p.integer().primary(),
    /** Columns of equal length: `keys`, and one for each measure. Figures are decimal texts, so that they stay exact. */
    groups: p.json<Record<string, unknown[]>>(),
  },
});
