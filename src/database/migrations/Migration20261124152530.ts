import { Migration } from '@mikro-orm/migrations';

export class Migration20261124152530 extends Migration {

  override name = 'Migration20261124152530';

  override up(): void | Promise<void> {
    this.addSql(`create table "google_accounts" ("id" uuid not null, "project_id" uuid not null, "name" text not null, "email" text null, "sealed_token" text not null, "created_at" timestamptz not null default now(), "connected_at" timestamptz not null default now(), primary key ("id"));`);
    this.addSql(`create index "google_accounts_project_id_id_index" on "google_accounts" ("project_id", "id");`);

    this.addSql(`create table "sheet_write_backs" ("job_id" uuid not null, "state" text not null, "attempt" int not null default 0, "cursor" jsonb null, primary key ("job_id"));`);
    this.addSql(`create index "sheet_write_backs_state_index" on "sheet_write_backs" ("state");`);
  }

  override down(): void | Promise<void> {
    this.addSql(`drop table if exists "google_accounts" cascade;`);
    this.addSql(`drop table if exists "sheet_write_backs" cascade;`);
  }

}
