import { openAsBlob } from 'node:fs';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createApiKey } from '../src/access/create-api-key.ts';
import { createProject } from '../src/access/create-project.ts';
import { createApiClient, type ApiClient } from '../src/cli/quickstart/api-client.ts';
import { createUpload, followProgress, submitJob } from '../src/cli/quickstart/operations.ts';
import { openDatabase } from '../src/database/database.ts';
import { migrate } from '../src/database/migrations.ts';
import type { Embedded } from '../src/embedded/start-embedded.ts';
import { startApi, startWorker, type LonghaulProcess } from '../test/support/processes.ts';
import type { Load } from './contender.ts';
import { itemLines } from './items.ts';

export interface Longhaul {
  pids: { api: number; worker: number };
  /** Milliseconds from submit, the file being uploaded, until the client is told that the job is COMPLETED. */
  run(load: Load, chunkSize?: number): Promise<number>;
  /** Most memory that each process has held so far, in bytes; null where the system does not say (it is read from /proc). */
  peakMemory(): Promise<{ api: number | null; worker: number | null }>;
  stop(): Promise<void>;
}

/** An API and a worker, each a process of its own as in production, used over HTTP and WebSocket only. */
export async function startLonghaul(
  { databaseUrl, temporalAddress, dataDir }: Embedded,
  env: Record<string, string> = {},
): Promise<Longhaul> {
  const apiKey = await createKey(databaseUrl);
  const surroundings = {
    databaseUrl,
    temporalAddress,
    dataDir,
    taskQueue: 'bench',
    env: { LONGHAUL_LOG_LEVEL: 'error', ...env },
  };
  const api = await startApi(surroundings);
  const worker = await startWorker(surroundings);
  const client = createApiClient(`${api.url}/graphql`, apiKey);
  return {
    pids: { api: api.pid, worker: worker.pid },
    run: async (load, chunkSize) => {
      const uploadId = await upload(client, dataDir, load);
      const startedAt = performance.now();
      await runJob(client, uploadId, chunkSize);
      return performance.now() - startedAt;
    },
    peakMemory: async () => ({ api: await peakMemory(api), worker: await peakMemory(worker) }),
    stop: async () => {
      await client.close();
      await worker.stop();
      await api.stop();
    },
  };
}

async function createKey(databaseUrl: string): Promise<string> {
  const database = await openDatabase(databaseUrl);
  try {
    await migrate(database);
    const project = await createProject(database, { name: `bench ${Date.now()}` });
    const { key } = await createApiKey(database, { projectId: project.id, name: 'bench' });
    return key;
  } finally {
    await database.close();
  }
}

async function upload(client: ApiClient, folder: string, { items, itemBytes }: Load): Promise<string> {
  const input = { fileName: 'echo.jsonl' };
  const { createUpload: answer } = await client.request(createUpload.document, { input }, createUpload.data);
  if (!('upload' in answer)) throw new Error(answer.message);
  const path = join(folder, 'echo.jsonl');
  await writeFile(path, itemLines(items, itemBytes));
  const response = await fetch(answer.upload.uploadUrl, { method: 'PUT', body: await openAsBlob(path) });
  if (!response.ok) throw new Error(`The upload was answered with ${response.status}: ${await response.text()}`);
  return answer.upload.id;
}

async function runJob(client: ApiClient, uploadId: string, chunkSize: number | undefined): Promise<void> {
  const input = { title: 'Echo', spec: { echo: {} }, source: { upload: { uploadId } }, chunkSize };
  const { submitJob: answer } = await client.request(submitJob.document, { input }, submitJob.data);
  if (!('job' in answer)) throw new Error(answer.message);
  let { state } = answer.job;
  for await (const { jobProgress } of client.subscribe(
    followProgress.document,
    { jobId: answer.job.id },
    followProgress.data,
  ))
    state = jobProgress.state;
  if (state !== 'COMPLETED') throw new Error(`The job ended ${state}.`);
}

/** proc_pid_status(5): VmHWM, the high-water mark of resident memory. */
async function peakMemory({ pid }: LonghaulProcess): Promise<number | null> {
  const status = await readFile(`/proc/${pid}/status`, 'utf8').catch(() => '');
  const kilobytes = /^VmHWM:\s+(\d+) kB$/m.exec(status)?.[1];
  return kilobytes === undefined ? null : Number(kilobytes) * 1_024;
}
