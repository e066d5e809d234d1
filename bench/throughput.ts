// Echo items end to end (upload stored → every result committed) against a bare loop on the same Postgres in the same run:
// COPY the items in, read 500, insert 500 results. Prints a table and, last, one line of JSON.
//   npm run bench [-- <items>]
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { setTimeout as delay } from 'node:timers/promises';
import type { PoolClient } from 'pg';
import { from as copyFrom } from 'pg-copy-streams';
import { createProject } from '../src/access/create-project.ts';
import { readConfig } from '../src/config.ts';
import { UploadEntity } from '../src/database/entities/upload.ts';
import { migrate } from '../src/database/migrations.ts';
import { newId } from '../src/database/new-id.ts';
import { scopes } from '../src/domain/scope.ts';
import { startEmbedded } from '../src/embedded/start-embedded.ts';
import { createServices, type Services } from '../src/services.ts';
import { startWorker } from '../src/temporal/start-worker.ts';

const items = Number(process.argv[2] ?? 200_000);
const rounds = 3;

const dataDir = await mkdtemp(join(tmpdir(), 'longhaul-bench-'));
const embedded = await startEmbedded({
  dataDir,
  log: { info: () => undefined, warn: console.warn },
  ports: { postgres: 0, temporal: 0, temporalUi: 0 },
});
const config = readConfig({
  LONGHAUL_DATABASE_URL: embedded.databaseUrl,
  LONGHAUL_TEMPORAL_ADDRESS: embedded.temporalAddress,
  LONGHAUL_DATA_DIR: dataDir,
  LONGHAUL_SECRET: 'a secret that is known to benchmarks only',
  LONGHAUL_LOG_LEVEL: 'error',
});
const services = await createServices(config);
await migrate(services.database);
const { database, storage, log } = services;
const worker = await startWorker({ config, database, storage, log });
try {
  const { id: projectId } = await createProject(database, { name: 'bench' });
  await runEcho(services, projectId, 1_000);
  const measured: { echoMs: number; bareMs: number }[] = [];
  for (let round = 0; round < rounds; round += 1) {
    measured.push({ echoMs: await runEcho(services, projectId, items), bareMs: await runBareLoop(services, items) });
  }
  const rate = (ms: number) => Math.round((items / ms) * 1_000);
  console.table(
    measured.map(({ echoMs, bareMs }) => ({
      'Longhaul, items/s': rate(echoMs),
      'bare loop, items/s': rate(bareMs),
      ratio: Number((bareMs / echoMs).toFixed(2)),
    })),
  );
  const ratios = measured.map(({ echoMs, bareMs }) => bareMs / echoMs).sort((a, b) => a - b);
  console.log(JSON.stringify({ items, rounds, medianRatio: ratios[Math.floor(rounds / 2)], target: 0.5 }));
} finally {
  await worker.stop();
  await services.close();
  await embedded.stop();
  await rm(dataDir, { recursive: true, force: true });
}

/** Milliseconds from submit to COMPLETED. */
async function runEcho({ database, storage, jobs }: Services, projectId: string, count: number): Promise<number> {
  const uploadId = newId();
  await storage.put(`uploads/${uploadId}`, Readable.from(echoLines(count)));
  const now = new Date();
  await database.em().insert(UploadEntity, {
    id: uploadId,
    projectId,
    fileName: 'echo.jsonl',
    lineCount: count,
    receivedAt: now,
    expiresAt: now,
  });
  const caller = { kind: 'API_KEY', id: newId(), name: 'bench' } as const;
  const viewer = { projectId, projectName: 'bench', caller, scopes, jobId: null, expiresAt: null };
  const startedAt = performance.now();
  const { job } = await jobs.submitJob(viewer, {
    title: `${count} items`,
    type: 'echo',
    options: {},
    source: { kind: 'upload', uploadId, format: 'JSONL' },
    priority: 'NORMAL',
    chunkPriority: 5,
    chunkSize: null,
    validation: 'MODERATE',
    idempotencyKey: null,
    metadata: {},
    estimatedMinutes: null,
    exports: [],
  });
  for (;;) {
    const { rows } = await database.pool.query<{ state: string }>('select state from jobs where id = $1', [job.id]);
    if (rows[0]?.state === 'COMPLETED') return performance.now() - startedAt;
    if (rows[0]?.state === 'FAILED') throw new Error(`Job ${job.id} failed.`);
    await delay(20);
  }
}

function* echoLines(count: number): Generator<string> {
  for (let index = 0; index < count; index += 1) yield `{"value":"item ${index}"}\n`;
}

/** What Postgres and Node do at least for as many items, in tables of the same shape without a secondary index. */
async function runBareLoop({ database }: Services, count: number): Promise<number> {
  const client = await database.pool.connect();
  try {
    await client.query(
      'create table bare_items (job_id uuid, index bigint, payload jsonb, primary key (job_id, index))',
    );
    await client.query(
      'create table bare_results (job_id uuid, index bigint, state text, output jsonb, primary key (job_id, index))',
    );
    const startedAt = performance.now();
    await bareLoop(client, newId(), count);
    return performance.now() - startedAt;
  } finally {
    await client.query('drop table if exists bare_items, bare_results');
    client.release();
  }
}

async function bareLoop(client: PoolClient, jobId: string, count: number): Promise<void> {
  await pipeline(Readable.from(bareRows(jobId, count)), client.query(copyFrom('copy bare_items from stdin')));
  for (let first = 0; first < count; first += 500) {
    const { rows } = await client.query<{ index: string; payload: unknown }>(
      'select index, payload from bare_items where job_id = $1 and index between $2 and $3',
      [jobId, first, first + 499],
    );
    await client.query('insert into bare_results select $1, * from unnest($2::bigint[], $3::text[], $4::jsonb[])', [
      jobId,
      rows.map(({ index }) => index),
      rows.map(() => 'SUCCEEDED'),
      rows.map(({ payload }) => JSON.stringify(payload)),
    ]);
  }
}

function* bareRows(jobId: string, count: number): Generator<string> {
  for (let first = 0; first < count; first += 1_000) {
    const lines = Array.from(
      { length: Math.min(1_000, count - first) },
      (_, offset) => `${jobId}\t${first + offset}\t{"value":"item ${first + offset}"}\n`,
    );
    yield lines.join('');
  }
}
