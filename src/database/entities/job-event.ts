import { defineEntity, p, type InferEntity } from '@mikro-orm/core';
import type { JobEventType } from '../../domain/job-event.ts';

/** An entry of a job's journal. */
export const JobEventEntity = defineEntity({
  name: 'JobEvent',
  tableName: 'job_events',
  properties: {
    jobId: p.uuid().primary(),
    sequence: p.bigint('number').primary(),
    type: p.text().$type<JobEventType>(),
    data: p.json<Record<string, unknown>>(),
    at: p.datetime().defaultRaw('now()'),
  },
});
export type JobEventRow = InferEntity<typeof JobEventEntity>;
