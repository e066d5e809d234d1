import { Migration } from '@mikro-orm/migrations';

export class Migration20261122212611 extends Migration {

  override name = 'Migration20261122212611';

  override up(): void | Promise<void> {
    this.addSql(`create table "generations" ("job_id" uuid not null, "generation" int not null, "by" jsonb null, "at" timestamptz not null, "selection" jsonb null, "selected" bigint null, "options" jsonb not null, "counts_before" jsonb null, primary key ("job_id", "generation"));`);

    this.addSql(`alter table "chunks" add "retries" smallint not null default 0, add "retried_as" int null;`);
  }

  override down(): void | Promise<void> {
    this.addSql(`drop table if exists "generations" cascade;`);

    this.addSql(`alter table "chunks" drop column "retries", drop column "retried_as";`);
  }

}
