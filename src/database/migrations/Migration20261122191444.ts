import { Migration } from '@mikro-orm/migrations';

export class Migration20261122191444 extends Migration {

  override name = 'Migration20261122191444';

  override up(): void | Promise<void> {
    this.addSql(`create index "exports_expiry_index" on "exports" ("expires_at") where "state" = 'COMPLETED';`);

    this.addSql(`create index "uploads_expires_at_index" on "uploads" ("expires_at");`);
  }

  override down(): void | Promise<void> {
    this.addSql(`drop index "exports_expiry_index";`);

    this.addSql(`drop index "uploads_expires_at_index";`);
  }

}
