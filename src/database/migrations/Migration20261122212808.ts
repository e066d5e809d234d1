import { Migration } from '@mikro-orm/migrations';

export class Migration20261122212808 extends Migration {

  override name = 'Migration20261122212808';

  override up(): void | Promise<void> {
    this.addSql(`create table "guard_rails" ("job_id" uuid not null, "settings" jsonb not null, "costs" jsonb null, "spent_before" text not null default '0', "dry_run" boolean not null default false, "start_at" timestamptz null, "due_at" timestamptz null, "warn_at" timestamptz null, "baseline" jsonb null, "canary_state" text null, "canary_report" jsonb null, "replan" boolean not null default false, primary key ("job_id"));`);
    this.addSql(`create index "guard_rails_due_index" on "guard_rails" ("due_at") where "due_at" is not null;`);
    this.addSql(`create index "guard_rails_warn_index" on "guard_rails" ("warn_at") where "warn_at" is not null;`);
  }

  override down(): void | Promise<void> {
    this.addSql(`drop table if exists "guard_rails" cascade;`);
  }

}
