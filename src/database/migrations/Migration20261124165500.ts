import { Migration } from '@mikro-orm/migrations';

export class Migration20261124165500 extends Migration {

  override name = 'Migration20261124165500';

  override up(): void | Promise<void> {
    // Of Postgres' own contrib, and trusted: the owner of the database may create it.
    this.addSql(`create extension if not exists pg_trgm;`);
    this.addSql(`create table "key_turns" ("job_id" uuid not null, "stage" smallint not null, "generation" int not null, "index" int not null, "project_id" uuid not null, "waits_since" timestamptz null, "asked_at" timestamptz not null, primary key ("job_id", "stage", "generation", "index"));`);
    this.addSql(`create index "key_turns_project_id_index" on "key_turns" ("project_id");`);

    this.addSql(`alter table "chunks" add "item_list" bigint[] null, add "lock_keys" bigint[] null;`);

    this.addSql(`alter table "jobs" add "lock_key" text null;`);

    this.addSql(`alter table "job_outcomes" add "cost" numeric null, add "cost_unit" text null;`);
  }

  override down(): void | Promise<void> {
    this.addSql(`drop table if exists "key_turns" cascade;`);

    this.addSql(`alter table "chunks" drop column "item_list", drop column "lock_keys";`);

    this.addSql(`alter table "job_outcomes" drop column "cost", drop column "cost_unit";`);

    this.addSql(`alter table "jobs" drop column "lock_key";`);
  }

}
