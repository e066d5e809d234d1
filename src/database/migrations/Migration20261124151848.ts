import { Migration } from '@mikro-orm/migrations';

export class Migration20261124151848 extends Migration {

  override name = 'Migration20261124151848';

  override up(): void | Promise<void> {
    this.addSql(`drop index "item_results_job_id_state_index_index";`);
    this.addSql(`create index "item_results_exceptions_index" on "item_results" ("job_id", "state", "index") where "state" <> 'SUCCEEDED';`);
  }

  override down(): void | Promise<void> {
    this.addSql(`drop index "item_results_exceptions_index";`);
    this.addSql(`create index "item_results_job_id_state_index_index" on "item_results" ("job_id", "state", "index");`);
  }

}
