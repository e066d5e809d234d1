import { Migration } from '@mikro-orm/migrations';

export class Migration20261124153439 extends Migration {

  override name = 'Migration20261124153439';

  override up(): void | Promise<void> {
    this.addSql(`create table "destinations" ("id" uuid not null, "project_id" uuid not null, "name" text not null, "kind" text not null, "bucket" text not null, "prefix" text not null, "region" text null, "endpoint" text null, "sealed_credentials" text null, "created_at" timestamptz not null default now(), "updated_at" timestamptz not null default now(), primary key ("id"));`);
    this.addSql(`create index "destinations_project_id_id_index" on "destinations" ("project_id", "id");`);
    this.addSql(`alter table "destinations" add constraint "destinations_project_id_name_unique" unique ("project_id", "name");`);
  }

  override down(): void | Promise<void> {
    this.addSql(`drop table if exists "destinations" cascade;`);
  }

}
