import { Migration } from '@mikro-orm/migrations';

export class Migration20261122214100 extends Migration {

  override name = 'Migration20261122214100';

  override up(): void | Promise<void> {
    this.addSql(`create table "job_outcomes" ("job_id" uuid not null, "project_id" uuid not null, "ended_at" timestamptz not null, "type" text not null, "state" text not null, "caller_kind" text null, "caller_id" text null, "caller_name" text null, "total" bigint not null, "succeeded" bigint not null, "failed" bigint not null, "skipped" bigint not null, "canceled" bigint not null, "duration_ms" bigint null, "is_deleted" boolean not null default false, primary key ("job_id"));`);
    this.addSql(`insert into "job_outcomes" select id, project_id, completed_at, type, state, created_by ->> 'kind', created_by ->> 'id', created_by ->> 'name', total, succeeded, failed, skipped, canceled, case when started_at is not null then greatest(extract(epoch from completed_at - started_at) * 1000 - paused_ms, 0)::bigint end, deleted_at is not null from "jobs" where state in ('COMPLETED', 'CANCELED', 'FAILED') and completed_at is not null;`);
    this.addSql(`create index "job_outcomes_project_id_ended_at_index" on "job_outcomes" ("project_id", "ended_at");`);
  }

  override down(): void | Promise<void> {
    this.addSql(`drop table if exists "job_outcomes" cascade;`);
  }

}
