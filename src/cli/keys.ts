import { InvalidArgumentError, type Command } from 'commander';
import { readConfig } from '../config.ts';
import type { Database } from '../database/database.ts';
import { scopes, type Scope } from '../domain/scope.ts';
import { formatTable } from './terminal/table.ts';

/** Works on the database of LONGHAUL_DATABASE_URL: for the first key, and for when no key is left. */
export function addKeysCommand(program: Command): void {
  const keys = program.command('keys').description('API keys');

  keys
    .command('create')
    .description('make a key, and its project when it is new; the key is shown this once')
    .requiredOption('--project <name>', 'project that the key belongs to')
    .requiredOption('--name <name>', 'what the key is called in lists and journals')
    .option('--scopes <scopes>', `what it is for, with commas: ${scopes.join(', ')}`, toScopes, ['ADMIN'])
    .option('--expires-in-days <days>', 'days that it works; for ever when left out', toDays)
    .action(async ({ project: projectName, name, scopes: chosen, expiresInDays }: CreateOptions) =>
      withDatabase(async (database) => {
        const [{ findOrCreateProject }, { createApiKey }] = await Promise.all([
          import('../access/create-project.ts'),
          import('../access/create-api-key.ts'),
        ]);
        const { project } = await findOrCreateProject(database, projectName);
        const expiresAt = expiresInDays === undefined ? null : new Date(Date.now() + expiresInDays * 86_400_000);
        const { key } = await createApiKey(database, { projectId: project.id, name, scopes: chosen, expiresAt });
        console.log(key);
      }),
    );

  keys
    .command('list')
    .description('the keys of a project, newest first')
    .requiredOption('--project <name>', 'project that the keys belong to')
    .action(async ({ project }: { project: string }) =>
      withDatabase(async (database) => {
        const { listKeysOfProject } = await import('../access/api-keys.ts');
        const rows = (await listKeysOfProject(database, project)).map((key) => [
          `lh_${key.prefix}`,
          key.name,
          key.scopes.join(', '),
          key.revokedAt ? 'revoked' : key.expiresAt && key.expiresAt <= new Date() ? 'expired' : 'works',
          key.expiresAt?.toISOString() ?? 'never',
          key.lastUsedAt?.toISOString() ?? 'never',
        ]);
        const titles = ['Key', 'Name', 'Scopes', 'State', 'Expires', 'Last used'];
        const columns = titles.map((title) => ({ title, align: 'left' as const }));
        console.log(formatTable(columns, rows, '').join('\n'));
      }),
    );

  keys
    .command('revoke <prefix>')
    .description('end a key, named by its first characters: lh_ and twelve more')
    .action(async (prefix: string) =>
      withDatabase(async (database) => {
        const { revokeByPrefix } = await import('../access/api-keys.ts');
        const { name } = await revokeByPrefix(database, prefix.replace(/^lh_/, ''));
        console.log(`The key "${name}" is revoked; it stops working within seconds.`);
      }),
    );
}

interface CreateOptions {
  project: string;
  name: string;
  scopes: Scope[];
  expiresInDays?: number;
}

async function withDatabase(work: (database: Database) => Promise<void>): Promise<void> {
  const config = readConfig();
  const { openDatabase } = await import('../database/database.ts');
  const database = await openDatabase(config.databaseUrl, 2);
  try {
    await work(database);
  } finally {
    await database.close();
  }
}

function toScopes(text: string): Scope[] {
  return text.split(',').map((word) => {
    const scope = scopes.find((each) => each === word.trim().toUpperCase());
    if (scope === undefined) throw new InvalidArgumentError(`Scopes are ${scopes.join(', ')}.`);
    return scope;
  });
}

function toDays(text: string): number {
  const days = Number(text);
  if (!(days > 0 && days <= 36_500)) throw new InvalidArgumentError('It is a number of days, up to 36500.');
  return days;
}
