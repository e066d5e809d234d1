import { afterAll, beforeAll, expect, test } from 'vitest';
import { lookBack, readPastJobs } from '../../src/database/sql/reads/read-past-jobs.ts';
import { createTestDatabase, type TestDatabase } from '../support/database.ts';
import { createTestProject } from '../support/project.ts';

let db: TestDatabase;
let projectId: string;

beforeAll(async () => {
  db = await createTestDatabase();
  projectId = (await createTestProject(db.database)).projectId;
});
afterAll(() => db.close());

/** Completed jobs of one item that took a second, the last ones first. */
async function seed(type: string, count: number, options: object): Promise<void> {
  await db.database.pool.query(
    `insert into jobs (id, project_id, input_hash, type, title, state, priority, chunk_priority, validation, options, metadata, source,
       total, succeeded, started_at, completed_at)
     select uuidv7(), $1, '', $2, 'Past', 'COMPLETED', 'NORMAL', 5, 'MODERATE', $4, '{}', '{}', 1, 1, now() - interval '1 s', now()
     from generate_series(1, $3::int)`,
    [projectId, type, count, options],
  );
}

const request = (type: string, like: object) => ({
  projectId,
  type,
  like,
  dryRun: false,
  itemsPerSecond: null,
  withFiles: true,
});

test('a job is compared with the last ones of its type that are like it, and no further back than a bound', async () => {
  await seed('echo', 3, { delayMs: 7 });
  await seed('echo', lookBack - 2, { delayMs: 0 });
  await seed('transactions', 5, { delayMs: 7 });
  const read = async (like: object) => await readPastJobs(db.database.pool, request('echo', like));
  expect((await read({ delayMs: 0 })).length).toBe(20);
  const [first, ...others] = await read({ delayMs: 7 });
  expect([first?.options, first?.items, others.length]).toEqual([{ delayMs: 7 }, 1, 1]);
  await seed('echo', 2, { delayMs: 0 });
  expect(await read({ delayMs: 7 })).toEqual([]);
});

test('they are found by the index of their type, also where most jobs are of it', async () => {
  const { pool } = db.database;
  await seed('echo', 20_000, { delayMs: 0 });
  await pool.query('analyze jobs');
  const plans: string[] = [];
  const query = async (text: string, values: unknown[]) => {
    const { rows } = await pool.query<Record<string, string>>(`explain ${text}`, values);
    plans.push(rows.map((row) => row['QUERY PLAN']).join('\n'));
    return { rows: [] };
  };
  // Of a pool only this is called.
  await readPastJobs({ query } as unknown as typeof pool, request('echo', { delayMs: 7 }));
  expect(plans[0]).toContain('Index Scan Backward using jobs_type_index');
  expect(plans[0]).not.toContain('Seq Scan on jobs');
});
