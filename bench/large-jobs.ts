// Takes one large echo job through an API and a worker of their own processes, and shows what it took: items a second, memory,
// histories, chunks, bytes. Then fits the load model to some jobs and foretells others. Prints tables and, last, one line of JSON.
//   node bench/large-jobs.ts [items]      Linux only: memory is read from /proc.
import { readFile, rm, writeFile } from 'node:fs/promises';
import { Readable } from 'node:stream';
import { setTimeout as delay } from 'node:timers/promises';
import { createProject } from '../src/access/create-project.ts';
import { UploadEntity } from '../src/database/entities/upload.ts';
import { migrate } from '../src/database/migrations.ts';
import { newId } from '../src/database/new-id.ts';
import { scopes } from '../src/domain/scope.ts';
import { countEvents } from '../test/support/count-events.ts';
import { startApi, startWorker, type LonghaulProcess } from '../test/support/processes.ts';
import { fitCapacity, predictMs, type Capacity, type Load, type MeasuredLoad } from './load-model.ts';
import { startServices } from './start-services.ts';

const items = Number(process.argv[2] ?? 1_000_000);
const lanes = 8;
/** The model learns from jobs that never wait, … */
const fittedTo: Load[] = [
  { items: 1_000, chunkSize: 1_000, lanes, waitMs: 0 },
  { items: 200_000, chunkSize: 10_000, lanes, waitMs: 0 },
  { items: 50_000, chunkSize: 1_000, lanes, waitMs: 0 },
  { items: 20_000, chunkSize: 100, lanes, waitMs: 0 },
  { items: 1_000, chunkSize: 1, lanes, waitMs: 0 },
];
/** … and is to foretell others, some of which wait. */
const predicted: Load[] = [
  { items: 400_000, chunkSize: 10_000, lanes, waitMs: 0 },
  { items: 100_000, chunkSize: 500, lanes, waitMs: 0 },
  { items: 5_000, chunkSize: 5, lanes, waitMs: 0 },
  { items: 40_000, chunkSize: 400, lanes, waitMs: 1_000 },
  { items: 20_000, chunkSize: 1_000, lanes, waitMs: 3_000 },
];

const { dataDir, embedded, config, services } = await startServices();
const { database, storage, jobs, temporal } = services;
await migrate(database);
const project = await createProject(database, { name: 'bench' });
const caller = { kind: 'API_KEY', id: newId(), name: 'bench' } as const;
const viewer = { projectId: project.id, projectName: 'bench', caller, scopes, jobId: null, expiresAt: null };
const surroundings = { ...embedded, taskQueue: config.temporal.taskQueue, dataDir };
const processes: LonghaulProcess[] = [];

try {
  const api = await started(startApi(surroundings));
  let worker = await started(startWorker(surroundings));
  await run({ count: 1_000 });

  const large: Record<string, unknown>[] = [];
  for (const chunkSize of [null, 500]) {
    await Promise.all([forgetPeak(api.pid), forgetPeak(worker.pid)]);
    const before = await databaseBytes();
    const { jobId, ms } = await run({ count: items, chunkSize });
    large.push({
      items,
      'items/s': Math.round((items / ms) * 1_000),
      chunks: await countChunks(jobId),
      'items a chunk': chunkSize ?? `${await chunkSizeOf(jobId)}, chosen`,
      'chunk, ms (p50)': await medianChunkMs(jobId),
      ...(await historyFigures(jobId)),
      'database, bytes an item': Math.round(((await databaseBytes()) - before) / items),
      'worker, peak MiB': await peakMiB(worker.pid),
      'API, peak MiB': await peakMiB(api.pid),
    });
    console.table(large.slice(-1));
  }

  const fitted: MeasuredLoad[] = [];
  for (const load of fittedTo) fitted.push(await measure(load));
  const capacity = fitCapacity(fitted);
  const foretold: MeasuredLoad[] = [];
  for (const load of predicted) foretold.push(await measure(load));
  await worker.stop();
  worker = await started(startWorker({ ...surroundings, env: { LONGHAUL_WORKER_CONCURRENCY: '3' } }));
  foretold.push(await measure({ items: 12_000, chunkSize: 400, lanes: 3, waitMs: 500 }));
  const points = [
    ...fitted.map((load) => ({ use: 'fitted to', ...beside(load, capacity) })),
    ...foretold.map((load) => ({ use: 'foretold', ...beside(load, capacity) })),
  ];
  console.table(points);
  console.log(JSON.stringify({ large, capacity, points }));
} finally {
  await Promise.all(processes.map((each) => each.kill9()));
  await services.close();
  await embedded.stop();
  await rm(dataDir, { recursive: true, force: true });
}

async function started<P extends LonghaulProcess>(starting: Promise<P>): Promise<P> {
  const process = await starting;
  processes.push(process);
  return process;
}

/** Echo items of a stored upload, from submit to COMPLETED. */
async function run({
  count,
  chunkSize = null,
  delayMs = 0,
}: {
  count: number;
  chunkSize?: number | null;
  delayMs?: number;
}) {
  const uploadId = newId();
  await storage.put(`uploads/${uploadId}`, Readable.from(echoLines(count)));
  const now = new Date();
  await database.em().insert(UploadEntity, {
    id: uploadId,
    projectId: project.id,
    fileName: 'echo.jsonl',
    lineCount: count,
    receivedAt: now,
    expiresAt: now,
  });
  const startedAt = performance.now();
  const { job } = await jobs.submitJob(viewer, {
    title: `${count} items`,
    type: 'echo',
    options: { delayMs },
    source: { kind: 'upload', uploadId, format: 'JSONL' },
    priority: 'NORMAL',
    chunkPriority: 5,
    chunkSize,
    validation: 'MODERATE',
    idempotencyKey: null,
    metadata: {},
    estimatedMinutes: null,
    exports: [],
  });
  for (;;) {
    const { state } = await one<{ state: string }>('select state from jobs where id = $1', [job.id]);
    if (state === 'COMPLETED') return { jobId: job.id, ms: performance.now() - startedAt };
    if (state === 'FAILED') throw new Error(`Job ${job.id} failed.`);
    await delay(20);
  }
}

function* echoLines(count: number): Generator<string> {
  for (let index = 0; index < count; index += 1) yield `{"value":"item ${index}"}\n`;
}

async function one<Row extends object>(sql: string, values: unknown[] = []): Promise<Row> {
  const { rows } = await database.pool.query<Row>(sql, values);
  if (!rows[0]) throw new Error(`Nothing came of ${sql}`);
  return rows[0];
}

async function countChunks(jobId: string): Promise<number> {
  return (await one<{ n: number }>('select count(*)::int as n from chunks where job_id = $1', [jobId])).n;
}

async function chunkSizeOf(jobId: string): Promise<number> {
  return (
    await one<{ n: number }>('select max(last_item - first_item + 1)::int as n from chunks where job_id = $1', [jobId])
  ).n;
}

async function medianChunkMs(jobId: string): Promise<number> {
  const { ms } = await one<{ ms: number }>(
    `select (percentile_cont(0.5) within group (order by extract(epoch from completed_at - started_at)) * 1000)::int as ms
     from chunks where job_id = $1`,
    [jobId],
  );
  return ms;
}

/** After what Postgres wrote ahead has reached its files. */
async function databaseBytes(): Promise<number> {
  await database.pool.query('checkpoint');
  return (await one<{ bytes: number }>('select pg_database_size(current_database())::float8 as bytes')).bytes;
}

async function historyFigures(jobId: string) {
  const { workflow } = temporal.client;
  const { raw } = await workflow.getHandle(`job:${jobId}`).describe();
  const histories = await countEvents(workflow, `job:${jobId}`, raw.workflowExecutionInfo?.firstRunId ?? '');
  for await (const { workflowId, runId } of workflow.list({ query: `WorkflowId STARTS_WITH 'job:${jobId}:lane-'` })) {
    const { events } = await workflow.getHandle(workflowId, runId).fetchHistory();
    histories.push(events?.length ?? 0);
  }
  return {
    'workflow runs': histories.length,
    events: histories.reduce((sum, each) => sum + each, 0),
    'longest history': Math.max(...histories),
  };
}

/** A chunk gives four batches of 100 items at a time to `process`, which waits as long as it is told. */
async function measure(load: Load): Promise<MeasuredLoad> {
  const delayMs = load.waitMs / Math.ceil(load.chunkSize / 400);
  const { ms } = await run({ count: load.items, chunkSize: load.chunkSize, delayMs: Math.round(delayMs) });
  return { ...load, ms };
}

function beside(load: MeasuredLoad, capacity: Capacity) {
  const expectedMs = predictMs(load, capacity);
  const { ms, ...asked } = load;
  return {
    ...asked,
    'measured, s': Number((ms / 1_000).toFixed(1)),
    'model, s': Number((expectedMs / 1_000).toFixed(1)),
    ratio: Number((expectedMs / ms).toFixed(2)),
  };
}

/** Linux' own record of the most memory that the process held; 5 makes it begin anew (proc(5)). */
async function forgetPeak(pid: number): Promise<void> {
  await writeFile(`/proc/${pid}/clear_refs`, '5');
}

async function peakMiB(pid: number): Promise<number> {
  const [, kib] = /VmHWM:\s+(\d+) kB/.exec(await readFile(`/proc/${pid}/status`, 'utf8')) ?? [];
  return Math.round(Number(kib) / 1024);
}
