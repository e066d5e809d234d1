import type { Command } from 'commander';
import { readConfig } from '../config.ts';

export function addKeysCommand(program: Command): void {
  program
    .command('keys')
    .description('API keys')
    .command('create')
    .description('make a key, and its project when it is new; the key is shown this once')
    .requiredOption('--project <name>', 'project that the key belongs to')
    .requiredOption('--name <name>', 'what the key is called in lists and journals')
    .action(async ({ project: projectName, name }: { project: string; name: string }) => {
      const config = readConfig();
      const [{ openDatabase }, { findOrCreateProject }, { createApiKey }] = await Promise.all([
        import('../database/database.ts'),
        import('../access/create-project.ts'),
        import('../access/create-api-key.ts'),
      ]);
      const database = await openDatabase(config.databaseUrl, 2);
      try {
        const { project } = await findOrCreateProject(database, projectName);
        const { key } = await createApiKey(database, { projectId: project.id, name });
        console.log(key);
      } finally {
        await database.close();
      }
    });
}
