// Do the migrations lead to what the entities say? Compared on a Postgres of its own, made for this and deleted again:
// MikroORM's schema snapshot, the other thing to compare with, forgets how tables are partitioned.
import { openDatabase } from '../src/database/database.ts';
import { findDrift, migrate } from '../src/database/migrations.ts';
import { startTestPostgres } from '../test/support/servers.ts';

const postgres = await startTestPostgres({ info: console.log, warn: console.warn });
try {
  const database = await openDatabase(postgres.address);
  try {
    await migrate(database);
    const drift = await findDrift(database);
    for (const statement of drift) console.error(`The migrations lack: ${statement}`);
    process.exitCode = drift.length > 0 ? 1 : 0;
  } finally {
    await database.close();
  }
} finally {
  await postgres.stop();
}
