// Refuses statements that stop or break the version that serves while they run: docs/operations.md says what to write instead.
import { readdir } from 'node:fs/promises';
import { basename } from 'node:path';
import type { Migration } from '@mikro-orm/migrations';
import { openDatabase } from '../src/database/database.ts';
import { findDangers } from './find-dangers.ts';

/** Up to this one there was no version before, which they could have disturbed. */
const baseline = 'Migration20261124151848';

const folder = new URL('../src/database/migrations/', import.meta.url);
// It connects lazily, so no server is needed: migrations are made of an ORM, and nothing is asked of the database here.
const database = await openDatabase('postgres://localhost/none', 1);
for (const file of (await readdir(folder)).toSorted()) {
  const name = basename(file, '.ts');
  if (name <= baseline) continue;
  const module: Record<string, new (...orm: unknown[]) => Migration> = await import(new URL(file, folder).href);
  const Class = module[name];
  if (Class === undefined) throw new Error(`${file} exports no ${name}.`);
  const migration = new Class(database.orm.em.getDriver(), database.orm.config);
  await migration.up();
  for (const danger of await findDangers(migration.getQueries().map(String), migration.isTransactional())) {
    console.error(`${name}: ${danger}`);
    process.exitCode = 1;
  }
}
await database.close();
