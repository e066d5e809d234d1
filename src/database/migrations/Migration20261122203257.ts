import { Migration } from '@mikro-orm/migrations';

export class Migration20261122203257 extends Migration {

  override name = 'Migration20261122203257';

  override up(): void | Promise<void> {
    this.addSql(`alter table "exports" add "as_of_sequence" bigint null, add "checkpoint" jsonb null;`);
  }

  override down(): void | Promise<void> {
    this.addSql(`alter table "exports" drop column "as_of_sequence", drop column "checkpoint";`);
  }

}
