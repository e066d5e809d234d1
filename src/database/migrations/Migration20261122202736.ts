import { Migration } from '@mikro-orm/migrations';

export class Migration20261122202736 extends Migration {

  override name = 'Migration20261122202736';

  override up(): void | Promise<void> {
    this.addSql(`create table "aggregate_parts" ("job_id" uuid not null, "dimension" text not null, "generation" int not null, "chunk" int not null, "remaining" int not null, "groups" jsonb not null, primary key ("job_id", "dimension", "generation", "chunk", "remaining"));`);
  }

  override down(): void | Promise<void> {
    this.addSql(`drop table if exists "aggregate_parts" cascade;`);
  }

}
