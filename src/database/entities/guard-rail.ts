import { defineEntity, p, type InferEntity } from '@mikro-orm/core';
import type { CanaryReport } from '../../domain/canary.ts';
import type { FiguresByStage } from '../../domain/failure-breaker.ts';
import type { CanaryState, GuardRailSettings, ItemCosts } from '../../domain/guard-rails.ts';

/** What holds one job within bounds; a job without any has no row. Take its lock after that of the job. */
export const GuardRailEntity = defineEntity({
  name: 'GuardRail',
  tableName: 'guard_rails',
  properties: {
    jobId: p.uuid().primary(),
    settings: p.json<GuardRailSettings>(),
    /** Null when the items of the job cost nothing. */
    costs: p.json<ItemCosts>().nullable(),
    /** What earlier generations spent: an exact decimal. */
    spentBefore: p.text().default('0'),
    /** Only item stages without an effect run. */
    dryRun: p.boolean().default(false),
    startAt: p.datetime().nullable(),
    /** When time alone next changes what the job may do: until then its chunks run, and nobody needs to look. */
    dueAt: p.datetime().nullable(),
    /** When the deadline is to be warned of; null once it was. */
    warnAt: p.datetime().nullable(),
    /** What the breaker does not count, since the job was resumed after it; null until it runs again. */
    baseline: p.json<FiguresByStage>().nullable(),
    canaryState: p.text().$type<CanaryState>().nullable(),
    canaryReport: p.json<CanaryReport>().nullable(),
    /** What is being run was planned under limits that are no longer those of the job. */
    replan: p.boolean().default(false),
  },
  indexes: [
    {
      name: 'guard_rails_due_index',
      expression: `create index "guard_rails_due_index" on "guard_rails" ("due_at") where "due_at" is not null`,
    },
    {
      name: 'guard_rails_warn_index',
      expression: `create index "guard_rails_warn_index" on "guard_rails" ("warn_at") where "warn_at" is not null`,
    },
  ],
});
export type GuardRail = InferEntity<typeof GuardRailEntity>;
