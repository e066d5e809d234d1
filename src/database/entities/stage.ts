import { defineEntity, p, type InferEntity } from '@mikro-orm/core';
import type { StageKind, StageState } from '../../domain/stage-plan.ts';

/** One step of a job, in the generation that ran it last. */
export const StageEntity = defineEntity({
  name: 'Stage',
  tableName: 'stages',
  properties: {
    jobId: p.uuid().primary(),
    position: p.smallint().primary(),
    name: p.text(),
    kind: p.text().$type<StageKind>(),
    /** Run from outside: driven by a service (ONCE), or by chunk workers (ITEMS). */
    external: p.boolean().default(false),
    state: p.text().$type<StageState>(),
    generation: p.integer().default(0),
    /** Fence: a stage that is not run in chunks commits only under the attempt that it began with. */
    attempt: p.integer().default(0),
    /** Items of the stage; null while the length of the source is not known. */
    total: p.bigint('number').nullable(),
    completed: p.bigint('number').default(0),
    failed: p.bigint('number').default(0),
    metadata: p.json<Record<string, unknown>>(),
    error: p.text().nullable(),
    /** A stage that failed outside for now may be started again from then on. */
    retryAt: p.datetime().nullable(),
    startedAt: p.datetime().nullable(),
    completedAt: p.datetime().nullable(),
  },
});
export type Stage = InferEntity<typeof StageEntity>;
