import { defineEntity, p, type InferEntity } from '@mikro-orm/core';
import type { ChunkState } from '../../domain/stage-plan.ts';

/** A range of items that one activity runs. */
export const ChunkEntity = defineEntity({
  name: 'Chunk',
  tableName: 'chunks',
  properties: {
    jobId: p.uuid().primary(),
    /** Position of the stage. */
    stage: p.smallint().primary(),
    generation: p.integer().primary(),
    index: p.integer().primary(),
    firstItem: p.bigint('number'),
    lastItem: p.bigint('number'),
    /** Indexes of its items where a lock key scatters them over the range; null when it holds all of the range. */
    itemList: p.array().columnType('bigint[]').nullable(),
    /** Hashes of the values that its items lock, in order; null without a lock key. */
    lockKeys: p.array().columnType('bigint[]').nullable(),
    state: p.text().$type<ChunkState>(),
    priority: p.smallint(),
    /** Fence: grows with every claim; a commit under an older attempt is refused. */
    attempt: p.integer().default(0),
    /** Attempts that ended without handing the chunk back: their worker died, they threw, or said that they failed. */
    broken: p.integer().default(0),
    /** Which try is next of items that are to be tried again, by index; those that are not named have had none. */
    tries: p.json<Record<string, number>>().nullable(),
    /** Items of the range that this chunk still has to end; the others ended earlier. */
    remaining: p.integer(),
    succeeded: p.integer().default(0),
    failed: p.integer().default(0),
    skipped: p.integer().default(0),
    /** How often the items were retried as a chunk before they came into this one. */
    retries: p.smallint().default(0),
    /** The generation in which its failed items run again, when they were retried as a chunk. */
    retriedAs: p.integer().nullable(),
    taskId: p.text().nullable(),
    /** When an outside worker loses it, unless it is heard of; null for chunks that Longhaul runs itself. */
    leaseUntil: p.datetime().nullable(),
    error: p.text().nullable(),
    startedAt: p.datetime().nullable(),
    completedAt: p.datetime().nullable(),
  },
  checks: [{ name: 'chunks_range', expression: 'first_item <= last_item and remaining >= 0' }],
});
export type Chunk = InferEntity<typeof ChunkEntity>;
