import { Migration } from '@mikro-orm/migrations';

export class Migration20261122215430 extends Migration {

  override name = 'Migration20261122215430';

  override up(): void | Promise<void> {
    this.addSql(`create index "jobs_state_index" on "jobs" ("project_id", "state", "id") where "deleted_at" is null;`);
    this.addSql(`create index "jobs_type_index" on "jobs" ("project_id", "type", "id") where "deleted_at" is null;`);
    this.addSql(`create index "jobs_caller_index" on "jobs" ("project_id", (created_by ->> 'id'), "id") where "deleted_at" is null;`);
    this.addSql(`create index "jobs_created_index" on "jobs" ("project_id", "created_at") where "deleted_at" is null;`);
    this.addSql(`create index "jobs_metadata_index" on "jobs" using gin ("metadata" jsonb_path_ops) where "deleted_at" is null;`);
    this.addSql(`create index "jobs_unsettled_index" on "jobs" ("project_id") where "settled_at" is null and "deleted_at" is null;`);
    this.addSql(`create index "exports_project_id_state_id_index" on "exports" ("project_id", "state", "id");`);
  }

  override down(): void | Promise<void> {
    this.addSql(`drop index "jobs_state_index";`);
    this.addSql(`drop index "jobs_type_index";`);
    this.addSql(`drop index "jobs_caller_index";`);
    this.addSql(`drop index "jobs_created_index";`);
    this.addSql(`drop index "jobs_metadata_index";`);
    this.addSql(`drop index "jobs_unsettled_index";`);
    this.addSql(`drop index "exports_project_id_state_id_index";`);
  }

}
