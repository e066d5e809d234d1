import { Migration } from '@mikro-orm/migrations';

export class Migration20261122213729 extends Migration {

  override name = 'Migration20261122213729';

  override up(): void | Promise<void> {
    this.addSql(`alter table "chunks" add "lease_until" timestamptz null;`);

    this.addSql(`alter table "stages" add "external" boolean not null default false, add "retry_at" timestamptz null;`);
  }

  override down(): void | Promise<void> {
    this.addSql(`alter table "chunks" drop column "lease_until";`);

    this.addSql(`alter table "stages" drop column "external", drop column "retry_at";`);
  }

}
