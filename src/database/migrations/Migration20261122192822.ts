import { Migration } from '@mikro-orm/migrations';

export class Migration20261122192822 extends Migration {

  override name = 'Migration20261122192822';

  override up(): void | Promise<void> {
    this.addSql(`alter table "exports" add "columns" jsonb null;`);
  }

  override down(): void | Promise<void> {
    this.addSql(`alter table "exports" drop column "columns";`);
  }

}
