// Purges a deleted job of a million items beside a running one: how much of its rate does the running job keep, and how long
// does any statement of others wait? Also shows how Postgres finds what each delete takes. Prints tables and, last, one line of JSON.
//   node bench/purge.ts [items of the deleted job]
import { rm } from 'node:fs/promises';
import { setTimeout as delay } from 'node:timers/promises';
import type { PoolClient } from 'pg';
import { purgeJobs } from '../src/activities/purge-jobs.ts';
import { createProject } from '../src/access/create-project.ts';
import { migrate } from '../src/database/migrations.ts';
import { deletePurgeBatch, lockPurgeBatch } from '../src/database/sql/purge-jobs-batch.ts';
import { newId } from '../src/database/new-id.ts';
import { startServices } from './start-services.ts';

const items = Number(process.argv[2] ?? 1_000_000);
const batchSizes = [5_000, 20_000, 100_000];
/** Items of the job that runs beside it. */
const chunkItems = 500;
const lanes = 4;
let nextItem = 0;

const { dataDir, embedded, services } = await startServices();
const { database } = services;
const { pool } = database;

try {
  await migrate(database);
  const { id: projectId } = await createProject(database, { name: 'bench' });
  const running = await seedJob(projectId, 10, false);
  const measured: Record<string, unknown>[] = [];
  await commitChunks(running, 2_000);
  for (const batchRows of batchSizes) {
    await seedJob(projectId, items, true);
    if (measured.length === 0) for (const limit of [batchRows, items * 4]) await explain(limit);
    const alone = await commitChunks(running, 4_000);
    const purge = await startPurge(batchRows);
    const beside = await commitChunks(running, 4_000, purge.isRunning);
    const { ms, longestBatchMs } = await purge.finished;
    measured.push({
      'rows a batch': batchRows,
      'purge, s': Math.round(ms / 1_000),
      'rows/s': Math.round((items * 2) / (ms / 1_000)),
      'longest batch, ms': Math.round(longestBatchMs),
      'alone, items/s': Math.round(alone.rate),
      'beside, items/s': Math.round(beside.rate),
      ratio: Number((beside.rate / alone.rate).toFixed(2)),
      'commit p99 alone, ms': Math.round(alone.p99),
      'commit p99 beside, ms': Math.round(beside.p99),
    });
    console.table(measured.slice(-1));
  }
  console.table(await deadTuples());
  console.log(JSON.stringify({ items, measured, target: { ratio: 0.5 } }));
} finally {
  await services.close();
  await embedded.stop();
  await rm(dataDir, { recursive: true, force: true });
}

async function seedJob(projectId: string, count: number, isDeleted: boolean): Promise<string> {
  const id = newId();
  await pool.query(
    `insert into jobs (id, project_id, input_hash, type, title, state, priority, chunk_priority, validation, options, metadata, source, total, succeeded, pending, purge_at, deleted_at)
     values ($1, $2, '', 'echo', 'Seeded', $5, 'NORMAL', 5, 'MODERATE', '{}', '{}', '{"kind": "inline", "items": []}', $3::int, case when $4::boolean then $3::int else 0 end, case when $4 then 0 else $3::int end,
       case when $4 then now() end, case when $4 then now() end)`,
    [id, projectId, count, isDeleted, isDeleted ? 'COMPLETED' : 'RUNNING'],
  );
  await pool.query(
    `insert into items select $1, i, 'item-' || i, jsonb_build_object('value', 'item ' || i) from generate_series(0, $2 - 1) i`,
    [id, count],
  );
  if (isDeleted) {
    await pool.query(
      `insert into item_results (job_id, index, stage, generation, attempts, state, output, duration_ms)
       select $1, i, 1, 0, 1, 'SUCCEEDED', jsonb_build_object('value', 'item ' || i), 5 from generate_series(0, $2 - 1) i`,
      [id, count],
    );
  }
  await pool.query('vacuum analyze items, item_results');
  return id;
}

/** What commits of chunks write, in lanes, for so many milliseconds or while `goesOn`. */
async function commitChunks(jobId: string, ms: number, goesOn?: () => boolean): Promise<{ rate: number; p99: number }> {
  const startedAt = performance.now();
  const durations: number[] = [];
  const lane = async () => {
    while (goesOn ? goesOn() : performance.now() - startedAt < ms) {
      const first = nextItem;
      nextItem += chunkItems;
      const commitAt = performance.now();
      await database.transaction(async (client) => {
        await client.query(
          `insert into item_results (job_id, index, stage, generation, attempts, state, output, duration_ms)
           select $1, i, 1, 0, 1, 'SUCCEEDED', jsonb_build_object('value', 'item ' || i), 5 from generate_series($2::bigint, $3::bigint) i`,
          [jobId, first, first + chunkItems - 1],
        );
        await client.query('update jobs set last_sequence = last_sequence + 1, updated_at = now() where id = $1', [
          jobId,
        ]);
      });
      durations.push(performance.now() - commitAt);
    }
  };
  await Promise.all(Array.from({ length: lanes }, lane));
  durations.sort((a, b) => a - b);
  const elapsed = performance.now() - startedAt;
  return {
    rate: (durations.length * chunkItems * 1_000) / elapsed,
    p99: durations[Math.floor(durations.length * 0.99)] ?? 0,
  };
}

async function startPurge(batchRows: number) {
  let isRunning = true;
  const run = async () => {
    const startedAt = performance.now();
    let longestBatchMs = 0;
    for (;;) {
      const batchAt = performance.now();
      if (await purgeJobs(services, { rows: batchRows })) break;
      longestBatchMs = Math.max(longestBatchMs, performance.now() - batchAt);
      // As a workflow task lies between two batches.
      await delay(10);
    }
    isRunning = false;
    return { ms: performance.now() - startedAt, longestBatchMs };
  };
  return { finished: run(), isRunning: () => isRunning };
}

/** Plans of the deletes that the first batch sends, in a transaction that is rolled back. */
async function explain(limit: number): Promise<void> {
  const client = await pool.connect();
  try {
    await client.query('begin');
    const query = async (sql: string, values: unknown[]) => {
      if (sql.startsWith('delete')) {
        const { rows } = await client.query<{ 'QUERY PLAN': string }>(`explain (costs off) ${sql}`, values);
        console.log([sql, ...rows.map((row) => `  ${row['QUERY PLAN']}`)].join('\n'));
      }
      return await client.query(sql, values);
    };
    const explaining = Object.assign(Object.create(client) as PoolClient, { query });
    await deletePurgeBatch(explaining, await lockPurgeBatch(explaining, limit), limit);
  } finally {
    await client.query('rollback');
    client.release();
  }
}

async function deadTuples() {
  const { rows } = await pool.query<Record<string, unknown>>(
    `select relname, n_live_tup::int, n_dead_tup::int, autovacuum_count::int from pg_stat_user_tables
     where relname ~ '^(jobs|items|item_results)' and n_live_tup + n_dead_tup > 0 order by 1`,
  );
  return rows;
}
