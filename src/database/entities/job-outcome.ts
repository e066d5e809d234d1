import { defineEntity, p } from '@mikro-orm/core';
import type { JobState } from '../../domain/job-state.ts';

/**
 * How a job ended, in figures: what statistics are made of. Written in the transaction that ends the job, taken back by the one
 * that runs it again; stays when the job is deleted.
 */
export const JobOutcomeEntity = defineEntity({
  name: 'JobOutcome',
  tableName: 'job_outcomes',
  properties: {
    jobId: p.uuid().primary(),
    projectId: p.uuid(),
    endedAt: p.datetime(),
    type: p.text(),
    state: p.text().$type<JobState>(),
    /** Who submitted it; null for a job from before this was kept. */
    callerKind: p.text().nullable(),
    callerId: p.text().nullable(),
    callerName: p.text().nullable(),
    total: p.bigint('number'),
    succeeded: p.bigint('number'),
    failed: p.bigint('number'),
    skipped: p.bigint('number'),
    canceled: p.bigint('number'),
    /** That it ran, without pauses; null when it never began. */
    durationMs: p.bigint('number').nullable(),
    /** The template that it ended with; null for none. */
    templateId: p.uuid().nullable(),
    /** What its items cost, redrives included, in `costUnit`; null when they cost nothing. */
    cost: p.decimal().columnType('numeric').nullable(),
    costUnit: p.text().nullable(),
    isDeleted: p.boolean().default(false),
  },
  indexes: [
    { properties: ['projectId', 'endedAt'] },
    {
      name: 'job_outcomes_cost_index',
      expression: `create index "job_outcomes_cost_index" on "job_outcomes" ("project_id", "ended_at") where "cost" is not null`,
    },
  ],
});
