import { Migration } from '@mikro-orm/migrations';
import { afterEach, beforeEach, expect, inject, test } from 'vitest';
import { ConcurrentMigration } from '../../src/database/concurrent-migration.ts';
import { openDatabase, type Database } from '../../src/database/database.ts';
import { migrate } from '../../src/database/migrations.ts';
import { newId } from '../../src/database/new-id.ts';
import { pickPort } from '../../src/embedded/ports.ts';
import { createEmptyDatabase } from '../support/database.ts';
import { launch } from '../support/processes.ts';

let empty: Awaited<ReturnType<typeof createEmptyDatabase>>;
let database: Database;
let all: string[];

beforeEach(async () => {
  empty = await createEmptyDatabase();
  database = await openDatabase(empty.url);
  all = (await database.orm.migrator.getPending()).map(({ name }) => name);
});
afterEach(async () => {
  await database.close();
  await empty.drop();
});

class AddNote extends Migration {
  override up() {
    this.addSql('alter table "jobs" add "note" text null');
  }
}

class IndexTitles extends ConcurrentMigration {
  override up() {
    this.addIndex('jobs_named_index', 'on "jobs" ("title")');
  }
}

const withNote = [{ name: 'AddNote', class: AddNote }];

async function insertJob(): Promise<string> {
  const id = newId();
  await database.pool.query(
    `insert into jobs (id, project_id, input_hash, type, title, state, priority, chunk_priority, validation, options, metadata, source, total, pending)
     values ($1, $1, '', 'echo', 'Echo', 'RUNNING', 'NORMAL', 5, 'MODERATE', '{}', '{}', '{}', 0, 0)`,
    [id],
  );
  return id;
}

test('of several that migrate at once one does it, and the others find it done', async () => {
  const other = await openDatabase(empty.url);
  const applied = await Promise.all([migrate(database), migrate(other)]);
  await other.close();
  expect(applied.toSorted((a, b) => b.length - a.length)).toEqual([all, []]);
});

test('a migration that waits for a lock holds up nobody, and says who has it', async () => {
  await migrate(database);
  const jobId = await insertJob();
  const reader = await database.pool.connect();
  await reader.query('begin; select from jobs');
  const waits: string[] = [];
  const applied = await migrate(database, {
    migrations: withNote,
    onWait: (message) => {
      waits.push(message);
      // It would stand in line behind the migration, if that were in line itself; the reader leaves only then.
      const { pool } = database;
      void pool
        .query(`update jobs set title = 'Renamed' where id = $1`, [jobId])
        .then(async () => await reader.query('commit'));
    },
  });
  reader.release();
  expect(applied).toEqual(['AddNote']);
  expect(waits).toEqual([expect.stringMatching(/^AddNote needs a lock .* process \d+ .*Trying again in 0.5 s.$/)]);
});

test('a migration that does not get its lock gives up with what to do, and can be run again', async () => {
  await migrate(database);
  const reader = await database.pool.connect();
  await reader.query('begin; select from jobs');
  const refused = migrate(database, { migrations: withNote, patienceMs: 0 });
  await expect(refused).rejects.toThrow(/End that transaction or wait for it, then run "longhaul migrate" again/);
  await reader.query('commit');
  reader.release();
  expect(await migrate(database, { migrations: withNote })).toEqual(['AddNote']);
});

test('an index is built while others write, and anew when an earlier try left half of it', async () => {
  await migrate(database);
  await insertJob();
  await insertJob();
  // Both have one title: what is left is an index that holds nothing to it.
  const broken = database.pool.query('create unique index concurrently jobs_named_index on jobs (title)');
  await expect(broken).rejects.toThrow('could not create unique index');
  const writer = await database.pool.connect();
  await writer.query(`begin; update jobs set title = 'Renamed'`);
  const migrated = migrate(database, { migrations: [{ name: 'IndexTitles', class: IndexTitles }] });
  // Another row, so that the writer holds no lock of it.
  await insertJob();
  await writer.query('commit');
  writer.release();
  expect(await migrated).toEqual(['IndexTitles']);
  const { rows } = await database.pool.query(
    `select indisvalid, indisunique from pg_index where indexrelid = 'jobs_named_index'::regclass`,
  );
  expect(rows).toEqual([{ indisvalid: true, indisunique: false }]);
});

test('the version before goes on committing chunks while the last migration runs', async () => {
  const last = all.at(-1) ?? '';
  await database.orm.migrator.up({ migrations: all.slice(0, -1) });
  const jobId = await insertJob();
  let committed = 0;
  let isMigrated = false;
  const firsts = Promise.withResolvers<void>();
  const writing = (async () => {
    for (; !isMigrated; committed += 1) {
      await commitAsBefore(jobId, committed);
      if (committed === 20) firsts.resolve();
    }
  })();
  await firsts.promise;
  const own = await openDatabase(empty.url);
  expect(await migrate(own)).toEqual([last]);
  await own.close();
  isMigrated = true;
  await writing;
  await commitAsBefore(jobId, committed);
  const { rows } = await database.pool.query(
    `select succeeded::int, last_sequence::int as sequence,
       (select count(*)::int from item_results where job_id = $1) as results,
       (select count(*)::int from job_events where job_id = $1) as entries from jobs where id = $1`,
    [jobId],
  );
  const chunks = committed + 1;
  expect(rows).toEqual([{ succeeded: chunks * 10, sequence: chunks, results: chunks * 10, entries: chunks }]);
});

/** A chunk of ten items from nothing to its commit, with the columns of the first version: who runs that knows no others. */
async function commitAsBefore(jobId: string, index: number): Promise<void> {
  await database.transaction(async (client) => {
    const range = [jobId, index * 10, index * 10 + 9];
    await client.query(
      `insert into items (job_id, index, key, payload) select $1, n, n, '{}' from generate_series($2::int, $3::int) n`,
      range,
    );
    await client.query(
      `insert into chunks (job_id, stage, generation, index, first_item, last_item, state, priority, remaining)
       values ($1, 1, 0, $4, $2, $3, 'RUNNING', 5, 10)`,
      [...range, index],
    );
    await client.query(
      `update chunks set state = 'COMPLETED', remaining = 0, succeeded = 10, attempt = attempt + 1
       where job_id = $1 and stage = 1 and generation = 0 and index = $2`,
      [jobId, index],
    );
    await client.query(
      `insert into item_results (job_id, index, stage, generation, attempts, state, output, duration_ms)
       select $1, n, 1, 0, 1, 'SUCCEEDED', '{}', 1 from generate_series($2::int, $3::int) n`,
      range,
    );
    await client.query(
      `with job as (
         update jobs set total = total + 10, succeeded = succeeded + 10, last_sequence = last_sequence + 1
         where id = $1 returning last_sequence
       )
       insert into job_events (job_id, sequence, type, data) select $1, last_sequence, 'ChunkCompleted', '{}' from job`,
      [jobId],
    );
  });
}

test.each(['api', 'worker'])('longhaul %s does not start on an older schema, and says what to do', async (command) => {
  await database.orm.migrator.up({ migrations: all.slice(0, -1) });
  await using part = await startPart(command);
  expect(await part.ended()).toBe(1);
  expect(part.output()).toContain(
    `This version needs ${all.at(-1)}, which the database lacks. Run "longhaul migrate" of this version, then start again.`,
  );
});

test('longhaul api starts on a newer schema than it knows', async () => {
  await migrate(database);
  await database.pool.query(`insert into mikro_orm_migrations (name) values ('Migration20990101000000')`);
  await using api = await startPart('api');
  await api.waitUntil('listens', async () => api.output().includes('http.listening'));
  api.signal('SIGTERM');
  expect(await api.ended()).toBe(0);
});

async function startPart(command: string) {
  return launch(command, {
    databaseUrl: empty.url,
    temporalAddress: inject('temporalAddress'),
    taskQueue: newId(),
    dataDir: '/tmp',
    env: { LONGHAUL_PORT: String(await pickPort(0)) },
  });
}
