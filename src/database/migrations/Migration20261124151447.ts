import { Migration } from '@mikro-orm/migrations';

export class Migration20261124151447 extends Migration {

  override name = 'Migration20261124151447';

  override up(): void | Promise<void> {
    this.addSql(`create table "item_files" ("job_id" uuid not null, "id" uuid not null, "index" bigint not null, "name" text not null, "file_name" text not null, "media_type" text not null, "media" jsonb null, "is_kept" boolean not null, "state" text not null, "state_at" timestamptz not null default now(), "stage" smallint not null, "generation" int not null, "chunk" int not null, "attempt" int not null, "destination_id" uuid null, "key" text not null, "byte_size" bigint not null default '0', "sha256" text not null default '', primary key ("job_id", "id"));`);
    this.addSql(`create index "item_files_job_id_index_index" on "item_files" ("job_id", "index");`);
    this.addSql(`create index "item_files_unsettled_index" on "item_files" ("state_at") where "state" <> 'STORED';`);

    this.addSql(`create table "open_items" ("job_id" uuid not null, "index" bigint not null, "generation" int not null, "stage" smallint not null, "chunk" int not null, "attempt" int not null, "data" jsonb null, "percent" double precision not null default 0, "step" text null, "updated_at" timestamptz not null default now(), primary key ("job_id", "index"));`);
  }

  override down(): void | Promise<void> {
    this.addSql(`drop table if exists "item_files" cascade;`);
    this.addSql(`drop table if exists "open_items" cascade;`);
  }

}
