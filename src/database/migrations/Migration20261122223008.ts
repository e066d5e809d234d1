import { Migration } from '@mikro-orm/migrations';

export class Migration20261122223008 extends Migration {

  override name = 'Migration20261122223008';

  override up(): void | Promise<void> {
    this.addSql(`alter table "generations" add "items_per_second" double precision null;`);
  }

  override down(): void | Promise<void> {
    this.addSql(`alter table "generations" drop column "items_per_second";`);
  }

}
