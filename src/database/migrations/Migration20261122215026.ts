import { Migration } from '@mikro-orm/migrations';

export class Migration20261122215026 extends Migration {

  override name = 'Migration20261122215026';

  override up(): void | Promise<void> {
    this.addSql(`create table "buckets" ("project_id" uuid not null, "name" text not null, "next_at" double precision not null default 0, "lanes" jsonb not null, "closed_until" timestamptz null, "closed_reason" text null, primary key ("project_id", "name"));`);

    this.addSql(`create table "quotas" ("project_id" uuid not null, "holder" text not null, "name" text not null, "tokens" double precision not null, "at" timestamptz not null, primary key ("project_id", "holder", "name"));`);

    this.addSql(`alter table "chunks" add "broken" int not null default 0, add "tries" jsonb null;`);

    this.addSql(`alter table "jobs" add "items_per_second" double precision null, add "line_at" timestamptz not null default now();`);
  }

  override down(): void | Promise<void> {
    this.addSql(`drop table if exists "buckets" cascade;`);
    this.addSql(`drop table if exists "quotas" cascade;`);

    this.addSql(`alter table "chunks" drop column "broken", drop column "tries";`);

    this.addSql(`alter table "jobs" drop column "items_per_second", drop column "line_at";`);
  }

}
