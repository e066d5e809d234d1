import { Migration } from '@mikro-orm/migrations';

export class Migration20261122193319 extends Migration {

  override name = 'Migration20261122193319';

  override up(): void | Promise<void> {
    this.addSql(`create index "exports_project_id_id_index" on "exports" ("project_id", "id");`);
  }

  override down(): void | Promise<void> {
    this.addSql(`drop index "exports_project_id_id_index";`);
  }

}
