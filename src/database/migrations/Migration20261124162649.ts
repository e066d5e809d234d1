import { Migration } from '@mikro-orm/migrations';

export class Migration20261124162649 extends Migration {

  override name = 'Migration20261124162649';

  override up(): void | Promise<void> {
    this.addSql(`create table "job_templates" ("job_id" uuid not null, "template_id" uuid null, "version" int null, "file_ids" text[] not null, primary key ("job_id"));`);
    this.addSql(`create index "job_templates_template_id_index" on "job_templates" ("template_id");`);
    this.addSql(`create index "job_templates_files_index" on "job_templates" using gin ("file_ids");`);

    this.addSql(`create table "templates" ("id" uuid not null, "project_id" uuid not null, "name" text not null, "version" int not null, "created_at" timestamptz not null default now(), "created_by" jsonb not null, primary key ("id"));`);
    this.addSql(`create index "templates_project_id_id_index" on "templates" ("project_id", "id");`);
    this.addSql(`alter table "templates" add constraint "templates_project_id_name_unique" unique ("project_id", "name");`);

    this.addSql(`create table "template_files" ("id" uuid not null, "project_id" uuid not null, "media_type" text not null, "byte_size" bigint not null, "created_at" timestamptz not null default now(), "stored_at" timestamptz null, primary key ("id"));`);

    this.addSql(`create table "template_versions" ("template_id" uuid not null, "version" int not null, "settings" jsonb not null, "file_ids" text[] not null, "created_at" timestamptz not null default now(), "created_by" jsonb not null, primary key ("template_id", "version"));`);
    this.addSql(`alter table "job_outcomes" add "template_id" uuid null;`);

    this.addSql(`create index "template_versions_files_index" on "template_versions" using gin ("file_ids");`);
  }

  override down(): void | Promise<void> {
    this.addSql(`alter table "job_outcomes" drop column "template_id";`);
    this.addSql(`drop table if exists "job_templates" cascade;`);
    this.addSql(`drop table if exists "templates" cascade;`);
    this.addSql(`drop table if exists "template_files" cascade;`);
    this.addSql(`drop table if exists "template_versions" cascade;`);
  }

}
