import { defineEntity, p, type InferEntity } from '@mikro-orm/core';
import type { Caller } from '../../domain/caller.ts';
import type { ItemCounts } from '../../domain/item-counts.ts';
import type { RedriveSelection } from '../../domain/redrive.ts';

/** One run of a job: 0 is the first, 1.. are redrives. Written with the first redrive; a job without one has no row. */
export const GenerationEntity = defineEntity({
  name: 'Generation',
  tableName: 'generations',
  properties: {
    jobId: p.uuid().primary(),
    generation: p.integer().primary(),
    /** Who asked for it; null where that is not known. */
    by: p.json<Caller>().nullable(),
    at: p.datetime(),
    /** Null for the first run, which has all items. */
    selection: p.json<RedriveSelection>().nullable(),
    /** Items that run again; null for the first run. */
    selected: p.bigint('number').nullable(),
    options: p.json<Record<string, unknown>>(),
    /** The job's own rate, as the run began with it. */
    itemsPerSecond: p.float().columnType('double precision').nullable(),
    /** Items of the job when it was asked for; null for the first run. Those after a run are those before the next. */
    countsBefore: p.json<ItemCounts>().nullable(),
  },
});
export type Generation = InferEntity<typeof GenerationEntity>;
