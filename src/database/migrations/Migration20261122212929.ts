import { Migration } from '@mikro-orm/migrations';

export class Migration20261122212929 extends Migration {

  override name = 'Migration20261122212929';

  override up(): void | Promise<void> {
    this.addSql(`drop index "jobs_deleted_index";`);
    this.addSql(`alter table "jobs" add "items_deleted_at" timestamptz null, add "purge_at" timestamptz null;`);
    this.addSql(`update "jobs" set "purge_at" = now() where "deleted_at" is not null;`);
    this.addSql(`create index "jobs_purge_index" on "jobs" ("purge_at") where "purge_at" is not null;`);
    this.addSql(`create index "jobs_ended_index" on "jobs" ("project_id", "completed_at") where "completed_at" is not null and "deleted_at" is null;`);
    this.addSql(`create index "jobs_items_index" on "jobs" ("project_id", "completed_at") where "completed_at" is not null and "deleted_at" is null and "items_deleted_at" is null;`);

    this.addSql(`alter table "projects" add "job_ttl_ms" bigint null, add "item_ttl_ms" bigint null, add "export_ttl_ms" bigint null, add "upload_ttl_ms" bigint null;`);
  }

  override down(): void | Promise<void> {
    this.addSql(`drop index "jobs_purge_index";`);
    this.addSql(`drop index "jobs_ended_index";`);
    this.addSql(`drop index "jobs_items_index";`);
    this.addSql(`alter table "jobs" drop column "items_deleted_at", drop column "purge_at";`);
    this.addSql(`create index "jobs_deleted_index" on "jobs" ("id") where deleted_at IS NOT NULL;`);

    this.addSql(`alter table "projects" drop column "job_ttl_ms", drop column "item_ttl_ms", drop column "export_ttl_ms", drop column "upload_ttl_ms";`);
  }

}
