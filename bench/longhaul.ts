import { openAsBlob } from 'node:fs';
import { readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createApiKey } from '../src/access/create-api-key.ts';
import { createProject } from '../src/access/create-project.ts';
import { createApiClient, type ApiClient } from '../src/cli/quickstart/api-client.ts';
import { createUpload, followProgress, submitJob } from '../src/cli/quickstart/operations.ts';
import { openDatabase } from '../src/database/database.ts';
import { migrate } from '../src/database/migrations.ts';
import { newId } from '../src/database/new-id.ts';
import type { Embedded } from '../src/embedded/start-embedded.ts';
import { startApi, startWorker, type LonghaulProcess } from '../test/support/processes.ts';
import type { Load } from './contender.ts';
import { itemLines } from './items.ts';

/** How an echo job is run. */
export interface RunSettings {
  /** Chosen by Longhaul when left out. */
  chunkSize?: number;
  delayMs?: number;
}

export interface Longhaul {
  client: ApiClient;
  /** Of GraphQL, over HTTP. */
  endpoint: string;
  apiKey: string;
  pids: { api: number; worker: number };
  /** Uploads a file of such items. */
  store(load: Load): Promise<string>;
  /** Begins an echo job over an uploaded file, and names it. */
  submit(uploadId: string, settings?: RunSettings): Promise<string>;
  /** Settles when the client is told that the job is COMPLETED. */
  finish(jobId: string): Promise<void>;
  /** Milliseconds from submit, the file being uploaded, until the client is told that the job is COMPLETED. */
  run(load: Load, settings?: RunSettings): Promise<number>;
  /** One more worker; it ends with the others at the latest. */
  addWorker(): Promise<LonghaulProcess>;
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
  const added: LonghaulProcess[] = [];
  const endpoint = `${api.url}/graphql`;
  const client = createApiClient(endpoint, apiKey);
  const store = (load: Load) => upload(client, dataDir, load);
  const submit = (uploadId: string, settings: RunSettings = {}) => submitEcho(client, uploadId, settings);
  const finish = (jobId: string) => follow(client, jobId);
  return {
    client,
    endpoint,
    apiKey,
    pids: { api: api.pid, worker: worker.pid },
    store,
    submit,
    finish,
    run: async (load, settings) => {
      const uploadId = await store(load);
      const startedAt = performance.now();
      await finish(await submit(uploadId, settings));
      return performance.now() - startedAt;
    },
    addWorker: async () => {
      const another = await startWorker(surroundings);
      added.push(another);
      return another;
    },
    peakMemory: async () => ({ api: await peakMemory(api), worker: await peakMemory(worker) }),
    stop: async () => {
      await client.close();
      await Promise.all(added.map((each) => each.kill9()));
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
  const path = join(folder, `${newId()}.jsonl`);
  await writeFile(path, itemLines(items, itemBytes));
  try {
    const response = await fetch(answer.upload.uploadUrl, { method: 'PUT', body: await openAsBlob(path) });
    if (!response.ok) throw new Error(`The upload was answered with ${response.status}: ${await response.text()}`);
  } finally {
    await rm(path);
  }
  return answer.upload.id;
}

async function submitEcho(
  client: ApiClient,
  uploadId: string,
  { chunkSize, delayMs = 0 }: RunSettings,
): Promise<string> {
  const input = { title: 'Echo', spec: { echo: { delayMs } }, source: { upload: { uploadId } }, chunkSize };
  const { submitJob: answer } = await client.request(submitJob.document, { input }, submitJob.data);
  if (!('job' in answer)) throw new Error(answer.message);
  return answer.job.id;
}

async function follow(client: ApiClient, jobId: string): Promise<void> {
  let state: string | null = null;
  for await (const { jobProgress } of client.subscribe(followProgress.document, { jobId }, followProgress.data))
    state = jobProgress.state;
  if (state !== 'COMPLETED') throw new Error(`The job ended ${state}.`);
}

/** proc_pid_status(5): VmHWM, the high-water mark of resident memory. */
async function peakMemory({ pid }: LonghaulProcess): Promise<number | null> {
  const status = await readFile(`/proc/${pid}/status`, 'utf8').catch(() => '');
  const kilobytes = /^VmHWM:\s+(\d+) kB$/m.exec(status)?.[1];
  return kilobytes === undefined ? null : Number(kilobytes) * 1_024;
}
