import { Migration } from '@mikro-orm/migrations';

export class Migration20261122204448 extends Migration {

  override name = 'Migration20261122204448';

  override up(): void | Promise<void> {
    this.addSql(`alter table "jobs" add "settled_at" timestamptz null;`);
    this.addSql(`create index "jobs_settled_index" on "jobs" ("project_id", "settled_at") where "settled_at" is not null;`);
  }

  override down(): void | Promise<void> {
    this.addSql(`drop index "jobs_settled_index";`);
    this.addSql(`alter table "jobs" drop column "settled_at";`);
  }

}
