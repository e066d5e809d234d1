import { createHash } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { installKey } from '../../src/access/install-key.ts';
import { openDatabase, type Database } from '../../src/database/database.ts';
import { migrate } from '../../src/database/migrations.ts';
import { startEmbedded, type Embedded } from '../../src/embedded/start-embedded.ts';
import { uploadKey } from '../../src/sources/source-file.ts';
import { createLocalDiskStorage } from '../../src/storage/local-disk.ts';
import { createChaosClient } from '../chaos/client.ts';
import { startFaultProxy } from '../chaos/fault-proxy.ts';
import { startFileServer } from '../support/file-server.ts';
import { createTestClient, type TestClient } from '../support/graphql-client.ts';
import {
  startApi,
  startWorker,
  type ApiProcess,
  type LonghaulProcess,
  type Surroundings,
} from '../support/processes.ts';
import { waitFor } from '../support/wait-for.ts';

/** Rows of a file: enough that its reader is met in the middle of it. */
const rows = 40_000;
/** One in a hundred rows has a currency that does not exist. */
const badRows = rows / 100;
/** One in five hundred repeats the reference of the row before. */
const repeatedRows = rows / 500;

const apiKey = `lh_faultsfaults_${'f'.repeat(43)}`;
let dataDir: string;
let embedded: Embedded;
let database: Database;
let surroundings: Surroundings;
let api: ApiProcess;
let worker: LonghaulProcess;
let client: TestClient;

beforeAll(async () => {
  dataDir = await mkdtemp(join(tmpdir(), 'longhaul-faults-'));
  const log = { info: () => undefined, warn: () => undefined };
  embedded = await startEmbedded({ dataDir, log, ports: { postgres: 0, temporal: 0, temporalUi: 0 } });
  database = await openDatabase(embedded.databaseUrl, 5);
  await migrate(database);
  await installKey(database, { projectName: 'Faults', key: apiKey });
  surroundings = {
    databaseUrl: embedded.databaseUrl,
    temporalAddress: embedded.temporalAddress,
    taskQueue: 'faults',
    dataDir,
    env: { LONGHAUL_FETCH_ALLOWED_NETWORKS: '127.0.0.0/8' },
  };
  [api, worker] = await Promise.all([startApi(surroundings), startWorker(surroundings)]);
  client = createTestClient({ url: `${api.url}/graphql`, apiKey });
});

afterAll(async () => {
  await client.close();
  await Promise.all([api.kill9(), worker.kill9()]);
  await database.close();
  await embedded.stop();
  await rm(dataDir, { recursive: true, force: true });
});

test('a job that is submitted while Temporal is down is accepted, and runs when it is back', async () => {
  process.kill(pidOf(embedded.pids().temporal), 'SIGSTOP');
  const jobId = await submit('temporal-down', 1_000);
  const { job } = await client.query<{ job: { state: string } }>('query ($id: ID!) { job(id: $id) { state } }', {
    id: jobId,
  });
  expect(job.state).toBe('PENDING');
  process.kill(pidOf(embedded.pids().temporal), 'SIGCONT');
  await waitForState(jobId, 'COMPLETED');
});

test('a worker that is asked to stop hands its chunks back, and the next one goes on with them', async () => {
  const { submitJob } = await client.query<{ submitJob: { job: { id: string } } }>(
    `mutation ($items: [JSON!]!) {
       submitJob(input: { title: "Slow", chunkSize: 10, spec: { echo: { delayMs: 1500 } }, source: { inline: { items: $items } } }) {
         ... on SubmitJobPayload { job { id } }
       }
     }`,
    { items: Array.from({ length: 160 }, () => ({})) },
  );
  const jobId = submitJob.job.id;
  await waitFor(async () => (await readCounts(jobId)).running > 0, { everyMs: 10 });
  await worker.stop();
  expect(await readCounts(jobId)).toMatchObject({ state: 'RUNNING', running: 0 });
  worker = await startWorker(surroundings);
  await waitForState(jobId, 'COMPLETED');
  expect(await readCounts(jobId)).toMatchObject({ total: 160, succeeded: 160 });
});

test(
  'readers whose sockets and whose API are cut fifty times between them miss no entry and get none twice',
  {
    timeout: 600_000,
  },
  async () => {
    await using network = await startFaultProxy(Number(new URL(api.url).port));
    const leaving = new AbortController();
    const refusals: string[] = [];
    const through = { url: `http://127.0.0.1:${network.port}`, apiKey };
    const reader = createChaosClient(through, (refusal) => refusals.push(refusal), leaving.signal);
    const { submitJob } = await client.query<{ submitJob: { job: { id: string } } }>(
      `mutation ($items: [JSON!]!) {
       submitJob(input: { title: "Followed", chunkSize: 1, spec: { echo: { delayMs: 5000 } }, source: { inline: { items: $items } } }) {
         ... on SubmitJobPayload { job { id } }
       }
     }`,
      { items: Array.from({ length: 1_000 }, () => ({})) },
    );
    const jobId = submitJob.job.id;
    let isOver = false;
    const readers = [1, 2].map(() => reader.follow(jobId, () => isOver));
    for (let cuts = 0; cuts < 50; cuts += 1) {
      const before = await lastSequence(jobId);
      await waitFor(async () => (await lastSequence(jobId)) > before, { description: 'another entry' });
      // Every fifth cut is the death of the API.
      if (cuts % 5 !== 4) network.cut();
      else {
        await api.kill9();
        api = await startApi(surroundings, Number(new URL(api.url).port));
      }
    }
    await client.query('mutation ($id: ID!) { cancelJob(input: { jobId: $id }) { __typename } }', { id: jobId });
    await waitForState(jobId, 'CANCELED');
    isOver = true;
    const journal = Array.from({ length: await lastSequence(jobId) }, (_, index) => index + 1);
    expect(await Promise.all(readers)).toEqual([journal, journal]);
    expect(refusals).toEqual([]);
    leaving.abort();
  },
);

test('an upload whose API is killed goes on behind the bytes that came, and is whole', async () => {
  const content = transactionsCsv('upload', rows);
  const half = Math.floor(content.length / 2);
  const upload = await createUpload('upload.csv');
  const link = () => `${api.url}${upload.path}`;
  const offset = async () => {
    const response = await fetch(link(), { method: 'HEAD' });
    return Number(response.headers.get('upload-offset'));
  };
  const socket = connect(Number(new URL(api.url).port), '127.0.0.1').on('error', () => undefined);
  socket.write(
    `PUT ${upload.path} HTTP/1.1\r\nhost: x\r\ncontent-length: ${content.length}\r\n\r\n${content.slice(0, half)}`,
  );
  await waitFor(async () => (await offset()) === half, { description: 'half of the file to be there' });
  await api.kill9();
  socket.destroy();
  api = await startApi(surroundings, Number(new URL(api.url).port));
  expect(await offset()).toBe(half);
  const sent = await fetch(link(), {
    method: 'PUT',
    headers: { 'content-range': `bytes ${half}-${content.length - 1}/${content.length}` },
    body: content.slice(half),
  });
  expect([sent.status, await sent.json()]).toMatchObject([
    201,
    { byteSize: content.length, sha256: createHash('sha256').update(content).digest('hex') },
  ]);
});

test('a fetch whose worker is killed goes on behind the bytes that came', async () => {
  const content = Buffer.from(transactionsCsv('fetch', rows));
  const half = Math.floor(content.length / 2);
  await using files = await startFileServer(content);
  files.holdAfter = [half];
  const { submitJob } = await client.query<{ submitJob: { job: { id: string } } }>(
    `mutation ($url: String!) {
       submitJob(input: { title: "Kill", spec: { transactions: { onDuplicate: SKIP } }, source: { url: { url: $url } } }) {
         ... on SubmitJobPayload { job { id } }
       }
     }`,
    { url: files.url() },
  );
  const jobId = submitJob.job.id;
  const storage = createLocalDiskStorage(join(dataDir, 'storage'));
  const { rows: sources } = await database.pool.query<{ uploadId: string }>(
    `select source ->> 'uploadId' as "uploadId" from jobs where id = $1`,
    [uuidOf(jobId)],
  );
  const key = uploadKey(sources[0]?.uploadId ?? '');
  await waitFor(async () => (await storage.draftSize(key)) === half, { description: 'half of the file to be there' });
  await worker.kill9();
  worker = await startWorker(surroundings);
  await expectExact(jobId, 'fetch');
  expect(files.requests.map(({ headers }) => headers.range)).toEqual([undefined, `bytes=${half}-`]);
});

test('an export whose worker is killed goes on behind its last durable part, to the same bytes', async () => {
  const lines = Array.from(
    { length: 20_000 },
    (_, index) => `${JSON.stringify({ value: `${index} ${'x'.repeat(800)}` })}\n`,
  );
  const uploadId = await upload('wide.jsonl', lines.join(''));
  const { submitJob } = await client.query<{ submitJob: { job: { id: string } } }>(
    `mutation ($upload: ID!) {
       submitJob(input: { title: "Wide", spec: { echo: {} }, source: { upload: { uploadId: $upload } } }) {
         ... on SubmitJobPayload { job { id } }
       }
     }`,
    { upload: uploadId },
  );
  const jobId = submitJob.job.id;
  await waitForState(jobId, 'COMPLETED');
  // Postgres keeps what is told of the parts, and lets nobody past the second one while the test holds its lock.
  await database.pool.query(`
    create table told_parts (told serial, checkpoint jsonb);
    create function hold_second_part() returns trigger language plpgsql as $$
    begin
      if jsonb_array_length(new.checkpoint -> 'parts') = 2 then perform pg_advisory_xact_lock(2); end if;
      insert into told_parts (checkpoint) values (new.checkpoint);
      return new;
    end $$;
    create trigger hold_second_part before update of checkpoint on exports for each row
      when (new.checkpoint is not null) execute function hold_second_part()`);
  const holder = await database.pool.connect();
  try {
    await holder.query('select pg_advisory_lock(2)');
    const killed = await createExport(jobId);
    await waitFor(
      async () => {
        const { rows: waiting } = await holder.query(
          "select 1 from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock' and wait_event = 'advisory'",
        );
        return waiting.length > 0;
      },
      { description: 'the second part to be stored', timeoutMs: 60_000 },
    );
    await worker.kill9();
    await holder.query('select pg_advisory_unlock(2)');
    worker = await startWorker(surroundings);
    expect(await endOfExport(killed)).toEqual(await endOfExport(await createExport(jobId)));
    const { rows: told } = await database.pool.query<{ parts: { key: string }[] }>(
      `select checkpoint -> 'parts' as parts from told_parts where checkpoint::text like $1 order by told desc limit 1`,
      [`%${uuidOf(killed)}%`],
    );
    const attempts = told[0]?.parts.map(({ key }) => key.split('/').at(-1)) ?? [];
    expect([attempts[0], attempts.at(-1)]).toEqual(['1-1', `2-${attempts.length}`]);
  } finally {
    holder.release();
    await database.pool.query(
      'drop trigger hold_second_part on exports; drop function hold_second_part; drop table told_parts',
    );
  }
});

async function createExport(jobId: string): Promise<string> {
  const { createExport: created } = await client.query<{ createExport: { export: { id: string } } }>(
    `mutation ($id: ID!) { createExport(input: { jobId: $id, format: JSONL }) { ... on CreateExportPayload { export { id } } } }`,
    { id: jobId },
  );
  return created.export.id;
}

/** What a client can see of the bytes, once they are there. */
async function endOfExport(id: string): Promise<{ sha256: string; byteSize: string }> {
  return await waitFor(
    async () => {
      const { node } = await client.query<{ node: { state: string; sha256: string; byteSize: string } }>(
        'query ($id: ID!) { node(id: $id) { ... on Export { state sha256 byteSize } } }',
        { id },
      );
      return node.state === 'COMPLETED' && { sha256: node.sha256, byteSize: node.byteSize };
    },
    { timeoutMs: 120_000, description: `export ${id} to be COMPLETED` },
  );
}

/** `path` of its link, with the signature. */
async function createUpload(fileName: string): Promise<{ id: string; path: string }> {
  const { createUpload: created } = await client.query<{ createUpload: { upload: { id: string; uploadUrl: string } } }>(
    `mutation ($name: String!) { createUpload(input: { fileName: $name }) { ... on CreateUploadPayload { upload { id uploadUrl } } } }`,
    { name: fileName },
  );
  const { pathname, search } = new URL(created.upload.uploadUrl);
  return { id: created.upload.id, path: `${pathname}${search}` };
}

async function upload(fileName: string, body: string): Promise<string> {
  const { id, path } = await createUpload(fileName);
  const sent = await fetch(`${api.url}${path}`, { method: 'PUT', body });
  expect(sent.ok).toBe(true);
  return id;
}

async function submit(name: string, count: number): Promise<string> {
  const uploadId = await upload(`${name}.csv`, transactionsCsv(name, count));
  const submitted = await client.query<{ submitJob: { job: { id: string } } }>(
    `mutation ($upload: ID!) {
       submitJob(input: { title: "Kill", chunkSize: 500, spec: { transactions: { onDuplicate: SKIP } }, source: { upload: { uploadId: $upload } } }) {
         ... on SubmitJobPayload { job { id } }
       }
     }`,
    { upload: uploadId },
  );
  return submitted.submitJob.job.id;
}

function transactionsCsv(name: string, count: number): string {
  const lines = Array.from({ length: count }, (_, index) => {
    const reference = index % 500 === 1 ? `${name}-${index - 1}` : `${name}-${index}`;
    const currency = index % 100 === 50 ? 'NOPE' : 'EUR';
    return `${reference},ACC-${index % 97},${index}.25,${currency},2026-01-02T03:04:05Z,Row ${index}`;
  });
  return ['reference,account,amount,currency,occurredAt,description', ...lines, ''].join('\n');
}

async function lastSequence(jobId: string): Promise<number> {
  const { rows: found } = await database.pool.query<{ last: number }>(
    'select last_sequence::int as last from jobs where id = $1',
    [uuidOf(jobId)],
  );
  return found[0]?.last ?? 0;
}

async function readCounts(jobId: string) {
  const { rows: found } = await database.pool.query<
    Record<'total' | 'pending' | 'running' | 'succeeded' | 'failed' | 'skipped' | 'canceled', number> & {
      state: string;
    }
  >(
    `select state, total::float8, pending::float8, running::float8, succeeded::float8, failed::float8, skipped::float8, canceled::float8
     from jobs where id = $1`,
    [uuidOf(jobId)],
  );
  const [counts] = found;
  if (!counts) throw new Error(`There is no job ${jobId}.`);
  const { state, total, ...parts } = counts;
  expect(Object.values(parts).reduce((sum, n) => sum + n, 0)).toBe(total);
  return { state, total, ...parts };
}

/** The job completes, every item has one result, the ledger agrees with them, and the journal has no gap. */
async function expectExact(jobId: string, name: string): Promise<void> {
  await waitForState(jobId, 'COMPLETED');
  const { state: _, ...counts } = await readCounts(jobId);
  const succeeded = rows - badRows - repeatedRows;
  expect(counts).toEqual({
    total: rows,
    pending: 0,
    running: 0,
    succeeded,
    failed: badRows,
    skipped: repeatedRows,
    canceled: 0,
  });
  const one = async (sql: string, values: unknown[]) =>
    (await database.pool.query<Record<string, number>>(sql, values)).rows[0];
  expect(
    await one(
      `select count(*)::int as results, count(*) filter (where state = 'SUCCEEDED')::int as succeeded, count(*) filter (where state = 'FAILED')::int as failed
       from item_results where job_id = $1`,
      [uuidOf(jobId)],
    ),
  ).toEqual({ results: rows, succeeded, failed: badRows });
  expect(
    await one(`select count(*)::int as booked from ledger_transactions where reference like $1`, [`${name}-%`]),
  ).toEqual({ booked: succeeded });
  expect(
    await one(
      'select count(*)::int as entries, min(sequence)::int as first, max(sequence)::int as last from job_events where job_id = $1',
      [uuidOf(jobId)],
    ),
  ).toSatisfy(
    (journal: { entries: number; first: number; last: number }) =>
      journal.first === 1 && journal.last === journal.entries,
  );
}

async function waitForState(jobId: string, state: string): Promise<void> {
  await waitFor(async () => (await readCounts(jobId)).state === state, {
    timeoutMs: 180_000,
    everyMs: 100,
    description: `job ${jobId} to be ${state}`,
  });
}

function pidOf(pid: number | undefined): number {
  if (pid === undefined) throw new Error('It does not run.');
  return pid;
}

/** The id within a global id. */
function uuidOf(globalId: string): string {
  const [uuid] = /[0-9a-f]{8}-[0-9a-f-]{27}$/.exec(Buffer.from(globalId, 'base64').toString()) ?? [];
  return uuid ?? globalId;
}
