// node bench/redrive.ts [failures] [rate]
// A redrive of so many failed transactions (15,000) at so many a second (40), on two workers: how many begin in any second,
// by the times at which the ledger got them, which nothing of the limits has a part in. The defaults take seven minutes.
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { z } from 'zod';
import { installKey } from '../src/access/install-key.ts';
import { createApiClient } from '../src/cli/quickstart/api-client.ts';
import { createUpload, followProgress, submitJob } from '../src/cli/quickstart/operations.ts';
import { openDatabase } from '../src/database/database.ts';
import { migrate } from '../src/database/migrations.ts';
import { startEmbedded } from '../src/embedded/start-embedded.ts';
import { startApi, startWorker } from '../test/support/processes.ts';

const failures = Number(process.argv[2] ?? 15_000);
const rate = Number(process.argv[3] ?? 40);
const key = `lh_benchredrive_${'b'.repeat(43)}`;

const dataDir = await mkdtemp(join(tmpdir(), 'longhaul-bench-'));
const embedded = await startEmbedded({
  dataDir,
  log: { info: () => undefined, warn: console.warn },
  ports: { postgres: 0, temporal: 0, temporalUi: 0 },
});
const database = await openDatabase(embedded.databaseUrl);
await migrate(database);
await installKey(database, { projectName: 'Bench', key });
const surroundings = { ...embedded, taskQueue: 'bench', env: { LONGHAUL_LOG_LEVEL: 'error' } };
const parts = [await startApi(surroundings), await startWorker(surroundings), await startWorker(surroundings)] as const;
const client = createApiClient(`${parts[0].url}/graphql`, key);
try {
  const uploadId = await upload();
  // Those of the second job fail, as the first has booked them; then what they fail for is taken away.
  await run(uploadId, 'SKIP');
  const jobId = await run(uploadId, 'FAIL');
  await database.pool.query('truncate ledger_transactions');
  const startedAt = performance.now();
  await client.request(
    `mutation ($id: ID!, $rate: Float!) { retryJob(input: { jobId: $id, itemsPerSecond: $rate }) { __typename } }`,
    { id: jobId, rate },
    z.object({ retryJob: z.object({ __typename: z.literal('RetryJobPayload') }) }),
  );
  await ended(jobId);
  const seconds = (performance.now() - startedAt) / 1_000;
  const figures = { failures, rate, seconds: Math.round(seconds), ...(await readSeconds()) };
  console.table([figures]);
  console.log(JSON.stringify(figures));
} finally {
  await client.close();
  for (const part of parts.toReversed()) await part.stop();
  await database.close();
  await embedded.stop();
  await rm(dataDir, { recursive: true, force: true });
}

async function upload(): Promise<string> {
  const rows = Array.from({ length: failures }, (_, index) => `ramp-${index},ACC,1.00,EUR,2026-01-02`);
  const variables = { input: { fileName: 'ramp.csv' } };
  const { createUpload: answer } = await client.request(createUpload.document, variables, createUpload.data);
  if (!('upload' in answer)) throw new Error(answer.message);
  const body = ['reference,account,amount,currency,occurredAt', ...rows, ''].join('\n');
  const response = await fetch(answer.upload.uploadUrl, { method: 'PUT', body });
  if (!response.ok) throw new Error(`The upload was answered with ${response.status}.`);
  return answer.upload.id;
}

async function run(uploadId: string, onDuplicate: string): Promise<string> {
  const input = { title: onDuplicate, spec: { transactions: { onDuplicate } }, source: { upload: { uploadId } } };
  const { submitJob: answer } = await client.request(submitJob.document, { input }, submitJob.data);
  if (!('job' in answer)) throw new Error(answer.message);
  await ended(answer.job.id);
  return answer.job.id;
}

async function ended(jobId: string): Promise<void> {
  for await (const _ of client.subscribe(followProgress.document, { jobId }, followProgress.data));
}

/** Of all seconds, wherever they begin, the one in which most began; and the rate over all. */
async function readSeconds(): Promise<{ booked: number; perSecond: number; mostInASecond: number }> {
  const { rows } = await database.pool.query<{ booked: number; perSecond: number; mostInASecond: number }>(
    `select count(*)::int as booked, round(count(*) / extract(epoch from max(created_at) - min(created_at)), 2)::float8 as "perSecond",
            max(together)::int as "mostInASecond"
     from (select created_at, count(*) over (order by created_at range between current row and interval '1 s' following) as together
           from ledger_transactions) seconds`,
  );
  if (!rows[0]) throw new Error('Nothing was booked.');
  return rows[0];
}
