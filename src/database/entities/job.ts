import { defineEntity, p, type InferEntity } from '@mikro-orm/core';
import type { Caller } from '../../domain/caller.ts';
import type { JobState, PauseReason } from '../../domain/job-state.ts';
import type { Priority, StoredSource, ValidationLevel } from '../../domain/job.ts';

/**
 * A job. `pending + running + succeeded + failed + skipped + canceled = total` is a constraint of the table.
 * No column that changes at a chunk's commit is indexed, so that those updates stay heap-only (HOT).
 */
export const JobEntity = defineEntity({
  name: 'Job',
  tableName: 'jobs',
  properties: {
    id: p.uuid().primary(),
    projectId: p.uuid(),
    /** Idempotency key of the client, unique in its project. */
    key: p.text().nullable(),
    /** SHA-256 over the submitted input: tells a repeated submit from another one under the same key. */
    inputHash: p.text(),
    type: p.text(),
    title: p.text(),
    state: p.text().$type<JobState>(),
    pauseReason: p.text().$type<PauseReason>().nullable(),
    priority: p.text().$type<Priority>(),
    chunkPriority: p.smallint(),
    chunkSize: p.integer().nullable(),
    validation: p.text().$type<ValidationLevel>(),
    options: p.json<Record<string, unknown>>(),
    metadata: p.json<Record<string, unknown>>(),
    source: p.json<StoredSource>(),
    /** Its own rate: most items that begin a stage in a second. */
    itemsPerSecond: p.float().columnType('double precision').nullable(),
    /** Path of the field of its items whose value no two running chunks share; null when they may. */
    lockKey: p.text().nullable(),
    estimatedMinutes: p.integer().nullable(),
    /** Who submitted it; null for a job from before this was kept. */
    createdBy: p.json<Caller>().nullable(),
    /** 0 is the first run, 1.. are redrives. */
    generation: p.integer().default(0),
    lastSequence: p.bigint('number').default(0),
    total: p.bigint('number').default(0),
    pending: p.bigint('number').default(0),
    running: p.bigint('number').default(0),
    succeeded: p.bigint('number').default(0),
    failed: p.bigint('number').default(0),
    skipped: p.bigint('number').default(0),
    canceled: p.bigint('number').default(0),
    currentStage: p.text().nullable(),
    /** Why the job is FAILED, for people. */
    error: p.text().nullable(),
    /** The first problems of a job that STRICT validation refused. */
    problems: p.json<{ row: number | null; field: string | null; message: string }[]>().nullable(),
    aggregates: p.json<Record<string, unknown>>().nullable(),
    /** Its place in line: when it joined it, earlier or later by its priority. */
    lineAt: p.datetime().defaultRaw('now()'),
    createdAt: p.datetime().defaultRaw('now()'),
    startedAt: p.datetime().nullable(),
    updatedAt: p.datetime().defaultRaw('now()'),
    completedAt: p.datetime().nullable(),
    /** When it ended, or changed last after its end; null while it runs, so that its index costs a chunk's commit nothing. */
    settledAt: p.datetime().nullable(),
    deadlineAt: p.datetime().nullable(),
    /** When the present pause began, and the milliseconds of all earlier ones: neither counts as running time. */
    pausedAt: p.datetime().nullable(),
    pausedMs: p.bigint('number').default(0),
    /** A deleted job is invisible at once. */
    deletedAt: p.datetime().nullable(),
    /** When its items and results were given up, because their time was over; what is left of them is no longer shown. */
    itemsDeletedAt: p.datetime().nullable(),
    /** When the purge may take the rows: of a deleted job a minute later, so that followers learn of it; null when there is nothing to take. */
    purgeAt: p.datetime().nullable(),
  },
  uniques: [{ properties: ['projectId', 'key'] }],
  indexes: [
    { properties: ['projectId', 'id'] },
    {
      name: 'jobs_active_index',
      expression: `create index "jobs_active_index" on "jobs" ("project_id") where "state" not in ('COMPLETED', 'CANCELED', 'FAILED')`,
    },
    {
      name: 'jobs_settled_index',
      expression: `create index "jobs_settled_index" on "jobs" ("project_id", "settled_at") where "settled_at" is not null`,
    },
    {
      name: 'jobs_state_index',
      expression: `create index "jobs_state_index" on "jobs" ("project_id", "state", "id") where "deleted_at" is null`,
    },
    {
      name: 'jobs_type_index',
      expression: `create index "jobs_type_index" on "jobs" ("project_id", "type", "id") where "deleted_at" is null`,
    },
    {
      name: 'jobs_caller_index',
      expression: `create index "jobs_caller_index" on "jobs" ("project_id", (created_by ->> 'id'), "id") where "deleted_at" is null`,
    },
    {
      name: 'jobs_created_index',
      expression: `create index "jobs_created_index" on "jobs" ("project_id", "created_at") where "deleted_at" is null`,
    },
    {
      name: 'jobs_title_index',
      expression: `create index "jobs_title_index" on "jobs" using gin (lower("title") gin_trgm_ops) where "deleted_at" is null`,
    },
    {
      name: 'jobs_metadata_index',
      expression: `create index "jobs_metadata_index" on "jobs" using gin ("metadata" jsonb_path_ops) where "deleted_at" is null`,
    },
    {
      name: 'jobs_unsettled_index',
      expression: `create index "jobs_unsettled_index" on "jobs" ("project_id") where "settled_at" is null and "deleted_at" is null`,
    },
    {
      name: 'jobs_purge_index',
      expression: `create index "jobs_purge_index" on "jobs" ("purge_at") where "purge_at" is not null`,
    },
    {
      name: 'jobs_ended_index',
      expression: `create index "jobs_ended_index" on "jobs" ("project_id", "completed_at") where "completed_at" is not null and "deleted_at" is null`,
    },
    {
      name: 'jobs_items_index',
      expression: `create index "jobs_items_index" on "jobs" ("project_id", "completed_at") where "completed_at" is not null and "deleted_at" is null and "items_deleted_at" is null`,
    },
  ],
  checks: [
    {
      name: 'jobs_conserved',
      expression:
        'pending + running + succeeded + failed + skipped + canceled = total and least(pending, running, succeeded, failed, skipped, canceled) >= 0',
    },
    { name: 'jobs_chunk_priority', expression: 'chunk_priority >= 0 and chunk_priority <= 10' },
  ],
});
export type Job = InferEntity<typeof JobEntity>;
