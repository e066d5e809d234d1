// What the end of a job costs that groups its items: merging what its chunks added up, with few groups and with one for each
// item. Prints time, memory of the backend and of this process, bytes on disk. Prints a table and, last, one line of JSON.
//   node bench/aggregates.ts [items]      Linux only: memory is read from /proc.
import { chmod, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { accumulate } from '../src/aggregates/accumulate.ts';
import { readAggregates } from '../src/aggregates/read-aggregates.ts';
import { openDatabase } from '../src/database/database.ts';
import { migrate } from '../src/database/migrations.ts';
import { newId } from '../src/database/new-id.ts';
import { pickPort } from '../src/embedded/ports.ts';
import { openPostgres } from '../src/embedded/postgres.ts';
import { getJobType } from '../src/job-types/registry.ts';
import { seedReadingJob } from '../test/support/seed-reading-job.ts';

const items = Number(process.argv[2] ?? 1_000_000);
const chunkSize = 10_000;
const { aggregatePlan } = getJobType('transactions');

const dataDir = await mkdtemp(join(tmpdir(), 'longhaul-bench-'));
// Postgres runs as another user when root runs the benchmark.
await chmod(dataDir, 0o711);
await mkdir(join(dataDir, 'logs'));
const postgres = await openPostgres({ dataDir, log: { info: () => undefined, warn: console.warn } });
const port = await pickPort(0);
const server = await postgres.start(port);
const database = await openDatabase(postgres.url(port));
const rows: Record<string, number>[] = [];
try {
  await migrate(database);
  for (const accounts of [1_000, items]) rows.push(await measure(accounts));
  const [few, many] = rows;
  console.table(rows);
  const ratio = (name: string) => Number(((many?.[name] ?? 0) / (few?.[name] ?? 1)).toFixed(2));
  console.log(JSON.stringify({ items, rows, ratio: { ms: ratio('merge ms'), backend: ratio('backend MiB') } }));
} finally {
  await database.close();
  await server.stop();
  await rm(dataDir, { recursive: true, force: true });
}

/** A job whose chunks have added up items of so many accounts, merged at its end. */
async function measure(accounts: number): Promise<Record<string, number>> {
  const jobId = await seedReadingJob(database, { projectId: newId() });
  let workMs = 0;
  for (let chunk = 0; chunk * chunkSize < items; chunk += 1) {
    const begun = performance.now();
    const parts = accumulate(
      aggregatePlan,
      Array.from({ length: Math.min(chunkSize, items - chunk * chunkSize) }, (_, at) =>
        toItem(chunk * chunkSize + at, accounts),
      ),
    );
    workMs += performance.now() - begun;
    for (const { dimension, groups } of parts) {
      await database.pool.query(
        'insert into aggregate_parts (job_id, dimension, generation, chunk, remaining, groups) values ($1, $2, 0, $3, 0, $4)',
        [jobId, dimension, chunk, groups],
      );
    }
  }
  return await database.transaction(async (client) => {
    const { rows: found } = await client.query<{ pid: number; bytes: number }>(
      `select pg_backend_pid() as pid, sum(pg_column_size(groups))::float8 as bytes from aggregate_parts where job_id = $1`,
      [jobId],
    );
    const { pid = 0, bytes = 0 } = found[0] ?? {};
    await Promise.all([forgetPeak(pid), forgetPeak(process.pid)]);
    const before = await Promise.all([peakMiB(pid), peakMiB(process.pid)]);
    const begun = performance.now();
    const merged = await readAggregates(aggregatePlan, client, jobId);
    const ms = performance.now() - begun;
    if (!Array.isArray(merged.byAccount) || merged.byAccount.length !== 100) throw new Error('It is not merged.');
    return {
      items,
      accounts,
      'accumulate ms': Math.round(workMs),
      'stored MiB': Math.round(bytes / 2 ** 20),
      'merge ms': Math.round(ms),
      'backend MiB': await peakMiB(pid),
      'of that before': before[0] ?? 0,
      'process MiB': await peakMiB(process.pid),
    };
  });
}

function toItem(index: number, accounts: number) {
  const input = { account: `ACC-${index % accounts}`, amount: `${index % 977}.25`, currency: 'EUR' };
  return { input, output: { action: 'INSERTED' } };
}

async function forgetPeak(pid: number): Promise<void> {
  await writeFile(`/proc/${pid}/clear_refs`, '5').catch(() => undefined);
}

async function peakMiB(pid: number): Promise<number> {
  const status = await readFile(`/proc/${pid}/status`, 'utf8');
  return Math.round(Number(/^VmHWM:\s+(\d+)/m.exec(status)?.[1]) / 1_024);
}
