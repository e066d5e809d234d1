// Writes the migration that brings the schema up to the entities, compared on a Postgres of its own.
import { openDatabase } from '../src/database/database.ts';
import { migrate } from '../src/database/migrations.ts';
import { startTestPostgres } from '../test/support/servers.ts';

const postgres = await startTestPostgres({ info: console.log, warn: console.warn });
try {
  const database = await openDatabase(postgres.address);
  try {
    await migrate(database);
    const { fileName } = await database.orm.migrator.create();
    console.log(fileName === '' ? 'The migrations are up to date.' : `Wrote src/database/migrations/${fileName}.`);
  } finally {
    await database.close();
  }
} finally {
  await postgres.stop();
}
