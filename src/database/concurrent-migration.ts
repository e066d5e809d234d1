import { Migration } from '@mikro-orm/migrations';

/**
 * A migration that builds indexes while others write. It has no transaction, so it holds nothing but indexes: repeated after
 * it broke off, it drops what is half built and begins again.
 */
export abstract class ConcurrentMigration extends Migration {
  override isTransactional(): boolean {
    return false;
  }

  /** @param definition what follows the name: `on "jobs" ("state")` */
  protected addIndex(name: string, definition: string): void {
    // It waits until transactions that began before it have ended, and nobody waits for it.
    this.addSql('set lock_timeout = 0;');
    this.addSql(`drop index concurrently if exists "${name}";`);
    this.addSql(`create index concurrently "${name}" ${definition};`);
    this.addSql('reset lock_timeout;');
  }
}
