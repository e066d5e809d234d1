import { Migration } from '@mikro-orm/migrations';

export class Migration20261122203619 extends Migration {

  override name = 'Migration20261122203619';

  override up(): void | Promise<void> {
    this.addSql(`create table "project_members" ("project_id" uuid not null, "user_id" text not null, "name" text null, "role" text not null, "created_at" timestamptz not null default now(), primary key ("project_id", "user_id"));`);
    this.addSql(`create index "project_members_user_id_index" on "project_members" ("user_id");`);

    this.addSql(`drop index "api_keys_project_id_index";`);
    this.addSql(`alter table "api_keys" add "scopes" text[] not null default '{ADMIN}', add "expires_at" timestamptz null, add "last_used_at" timestamptz null;`);
    this.addSql(`create index "api_keys_project_id_id_index" on "api_keys" ("project_id", "id");`);

    this.addSql(`alter table "jobs" add "created_by" jsonb null;`);
  }

  override down(): void | Promise<void> {
    this.addSql(`drop table if exists "project_members" cascade;`);

    this.addSql(`drop index "api_keys_project_id_id_index";`);
    this.addSql(`alter table "api_keys" drop column "scopes", drop column "expires_at", drop column "last_used_at";`);
    this.addSql(`create index "api_keys_project_id_index" on "api_keys" ("project_id");`);

    this.addSql(`alter table "jobs" drop column "created_by";`);
  }

}
