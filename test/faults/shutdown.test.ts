import { once } from 'node:events';
import { chmod, mkdtemp, readFile, rm } from 'node:fs/promises';
import { Agent, request, type IncomingMessage } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { WebSocket } from 'ws';
import { installKey } from '../../src/access/install-key.ts';
import { openDatabase, type Database } from '../../src/database/database.ts';
import { migrate } from '../../src/database/migrations.ts';
import { sendSignal } from '../../src/embedded/processes.ts';
import { startEmbedded, type Embedded } from '../../src/embedded/start-embedded.ts';
import { createTestClient } from '../support/graphql-client.ts';
import { launch, startApi, startWorker, type Surroundings } from '../support/processes.ts';
import { waitFor } from '../support/wait-for.ts';

const apiKey = `lh_shutdownshut_${'s'.repeat(43)}`;
const authorization = `Bearer ${apiKey}`;

let dataDir: string;
let embedded: Embedded;
let database: Database;
let surroundings: Surroundings;

beforeAll(async () => {
  dataDir = await mkdtemp(join(tmpdir(), 'longhaul-shutdown-'));
  // As root, Postgres runs as a user of its own, which must get through.
  await chmod(dataDir, 0o711);
  const log = { info: () => undefined, warn: () => undefined };
  embedded = await startEmbedded({ dataDir, log, ports: { postgres: 0, temporal: 0, temporalUi: 0 } });
  database = await openDatabase(embedded.databaseUrl, 5);
  await migrate(database);
  await installKey(database, { projectName: 'Shutdown', key: apiKey });
  const { databaseUrl, temporalAddress } = embedded;
  surroundings = { databaseUrl, temporalAddress, taskQueue: 'shutdown', dataDir };
});
afterAll(async () => {
  await database.close();
  await embedded.stop();
  await rm(dataDir, { recursive: true, force: true });
});

/** A job whose chunks are in the middle of something that takes a minute. */
async function startLongJob(apiUrl: string): Promise<void> {
  const client = createTestClient({ url: `${apiUrl}/graphql`, apiKey });
  await client.query(
    `mutation { submitJob(input: { title: "Long", chunkSize: 1, spec: { echo: { delayMs: 60000 } }, source: { inline: { items: [{}, {}, {}] } } }) { __typename } }`,
  );
  await client.close();
  await waitFor(async () => (await countRunning()) > 0, { description: 'a chunk to run' });
}

async function countRunning(): Promise<number> {
  const { rows } = await database.pool.query<{ running: number }>('select sum(running)::int as running from jobs');
  return rows[0]?.running ?? 0;
}

test.each(['SIGTERM', 'SIGINT'] as const)(
  'on %s the API answers what it was asked, says goodbye to sockets, breaks streams off, and ends with 0',
  async (signal) => {
    await using api = await startApi(surroundings);
    const client = createTestClient({ url: `${api.url}/graphql`, apiKey });
    const { createUpload } = await client.query<{ createUpload: { upload: { uploadUrl: string } } }>(
      'mutation { createUpload(input: { fileName: "slow.csv" }) { ... on CreateUploadPayload { upload { uploadUrl } } } }',
    );
    await client.close();
    const socket = new WebSocket(`${api.url.replace('http', 'ws')}/graphql`, 'graphql-transport-ws');
    await once(socket, 'open');
    const closed = once(socket, 'close');
    const stream = await fetch(`${api.url}/graphql`, {
      method: 'POST',
      headers: { authorization, accept: 'text/event-stream', 'content-type': 'application/json' },
      body: JSON.stringify({ query: 'subscription { jobsChanged { __typename } }' }),
    });
    expect(stream.headers.get('content-type')).toContain('text/event-stream');
    const streamed = stream.text();
    streamed.catch(() => undefined);
    // A connection that would be kept alive, with a request on it whose end has not come.
    const agent = new Agent({ keepAlive: true });
    const { pathname, search } = new URL(createUpload.upload.uploadUrl);
    const slow = request(`${api.url}${pathname}${search}`, { agent, method: 'PUT', headers: { 'content-length': 4 } });
    const answered = once(slow, 'response');
    slow.write('a\n');

    await waitFor(async () => {
      const response = await fetch(`${api.url}${pathname}${search}`, { method: 'HEAD' });
      return response.headers.get('upload-offset') === '2';
    });
    api.signal(signal);
    expect(await closed).toEqual([1001, expect.anything()]);
    await expect(streamed).rejects.toThrow('terminated');
    slow.end('1\n');
    const [response] = (await answered) as [IncomingMessage];
    expect([response.statusCode, response.headers.connection]).toEqual([201, 'close']);
    await expect(fetch(`${api.url}/healthz`)).rejects.toThrow('fetch failed');
    expect(await api.ended()).toBe(0);
    agent.destroy();
  },
);

test('a second signal ends a worker at once', async () => {
  await using api = await startApi(surroundings);
  await using worker = await startWorker(surroundings);
  await startLongJob(api.url);
  await freeze(embedded.pids().temporal);
  try {
    worker.signal('SIGTERM');
    // One Ctrl-C may arrive several times within a second, and is still one.
    const again = setInterval(() => worker.signal('SIGTERM'), 400);
    expect(await worker.ended()).toBe(130);
    clearInterval(again);
  } finally {
    await thaw(embedded.pids().temporal);
  }
});

test.each(['temporal', 'postgres'] as const)(
  'a worker whose %s does not answer stops in time, with 0',
  async (server) => {
    await using api = await startApi(surroundings);
    await using worker = await startWorker(surroundings);
    await startLongJob(api.url);
    await freeze(embedded.pids()[server]);
    try {
      worker.signal('SIGTERM');
      expect(await worker.ended()).toBe(0);
    } finally {
      await thaw(embedded.pids()[server]);
    }
  },
);

test('an API whose Postgres does not answer stops in time, with 0', async () => {
  await using api = await startApi(surroundings);
  await freeze(embedded.pids().postgres);
  try {
    const asked = fetch(`${api.url}/graphql`, {
      method: 'POST',
      headers: { authorization, 'content-type': 'application/json' },
      body: JSON.stringify({ query: '{ jobs { nodes { id } } }' }),
    });
    asked.catch(() => undefined);
    api.signal('SIGTERM');
    expect(await api.ended()).toBe(0);
  } finally {
    await thaw(embedded.pids().postgres);
  }
});

test('a worker that waits for Temporal stops when it is asked to', async () => {
  await using worker = launch('worker', { ...surroundings, temporalAddress: '127.0.0.1:1' });
  await worker.waitUntil('waits for Temporal', async () => worker.output().includes('temporal_unreachable'));
  worker.signal('SIGTERM');
  expect(await worker.ended()).toBe(0);
});

/** With its children: Postgres has a process for each connection. */
async function freeze(pid: number | undefined): Promise<void> {
  await signalFamily(pid, 'SIGSTOP');
}

async function thaw(pid: number | undefined): Promise<void> {
  await signalFamily(pid, 'SIGCONT');
}

async function signalFamily(pid: number | undefined, signal: NodeJS.Signals): Promise<void> {
  if (pid === undefined) throw new Error('It does not run.');
  process.kill(pid, signal);
  const children = await readFile(`/proc/${pid}/task/${pid}/children`, 'utf8');
  for (const child of children.split(' ').filter(Boolean)) sendSignal(Number(child), signal);
}
