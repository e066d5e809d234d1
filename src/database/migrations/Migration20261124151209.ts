import { Migration } from '@mikro-orm/migrations';

export class Migration20261124151209 extends Migration {

  override name = 'Migration20261124151209';

  override up(): void | Promise<void> {
    this.addSql(`create table "builds" ("task_queue" text not null, "build" text not null, "since" timestamptz not null default now(), "seen_at" timestamptz not null default now(), "steady_since" timestamptz not null default now(), "left_at" timestamptz null, primary key ("task_queue", "build"));`);
  }

  override down(): void | Promise<void> {
    this.addSql(`drop table if exists "builds" cascade;`);
  }

}
