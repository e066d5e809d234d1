import { ConcurrentMigration } from '../concurrent-migration.ts';

export class Migration20261124165501 extends ConcurrentMigration {

  override name = 'Migration20261124165501';

  override up(): void | Promise<void> {
    // Jobs that cost something are few; here nobody waits for more than the row of one that is retried meanwhile.
    this.addSql(`update job_outcomes o set cost = g.spent_before::numeric + coalesce(spent.amount, 0), cost_unit = g.costs ->> 'unit'
      from guard_rails g
      left join lateral (
        select sum((g.costs -> 'perItem' ->> s.name)::numeric * s.completed) as amount from stages s where s.job_id = g.job_id
      ) spent on true
      where g.job_id = o.job_id and g.costs is not null and o.cost is null;`);
    this.addIndex('jobs_title_index', 'on "jobs" using gin (lower("title") gin_trgm_ops) where "deleted_at" is null');
    this.addIndex('job_outcomes_cost_index', 'on "job_outcomes" ("project_id", "ended_at") where "cost" is not null');
  }

  override down(): void | Promise<void> {
    this.addSql(`drop index "job_outcomes_cost_index";`);
    this.addSql(`drop index "jobs_title_index";`);
  }

}
