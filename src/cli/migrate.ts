import type { Command } from 'commander';
import { readConfig } from '../config.ts';

/** `longhaul migrate` */
export function addMigrateCommand(program: Command): void {
  program
    .command('migrate')
    .description('bring the database of LONGHAUL_DATABASE_URL up to date')
    .action(async () => {
      const config = readConfig();
      const [{ openDatabase }, { migrate }] = await Promise.all([
        import('../database/database.ts'),
        import('../database/migrations.ts'),
      ]);
      const database = await openDatabase(config.databaseUrl, 2);
      try {
        const applied = await migrate(database, { onWait: (message) => console.log(message) });
        console.log(applied.length === 0 ? 'The database is up to date.' : `Applied ${applied.join(', ')}.`);
      } finally {
        await database.close();
      }
    });
}
