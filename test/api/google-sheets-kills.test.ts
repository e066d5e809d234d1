import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { startTestApi, type TestApi } from '../support/api.ts';
import {
  startGoogleServer,
  type FakeTab,
  type GoogleRequestSeen,
  type GoogleServer,
} from '../support/google-server.ts';
import { startWorker, type LonghaulProcess } from '../support/processes.ts';

let google: GoogleServer;
let api: TestApi;
const spreadsheet = '1BxiMVs0XRA5nFMdKvBdBZjgmUUqptlbs74OgvE2upms';

beforeAll(async () => {
  google = await startGoogleServer();
  api = await startTestApi();
});

afterAll(async () => {
  await api.close();
  await google[Symbol.asyncDispose]();
});

beforeEach(() => google.reset());

async function startVictim(): Promise<LonghaulProcess> {
  const { databaseUrl, temporal, dataDir } = api.engine.config;
  return await startWorker({
    databaseUrl,
    temporalAddress: temporal.address,
    taskQueue: temporal.taskQueue,
    dataDir,
    env: {
      LONGHAUL_GOOGLE_SERVICE_ACCOUNT: JSON.stringify(google.serviceAccount),
      GOOGLE_SHEETS_ROOT_URL: google.url,
      LONGHAUL_LIMITS: 'googleRequestsPerMinute=none,googleUserRequestsPerMinute=none',
    },
  });
}

function share(rows: number): FakeTab {
  const cells = [['Value'], ...Array.from({ length: rows }, (_, at) => [`idea ${at}`])];
  const tab = { id: 0, title: 'Ideas', rowCount: rows + 1, columnCount: 26, cells };
  const everybody = [google.serviceAccount.client_email];
  google.spreadsheets.set(spreadsheet, { title: 'Plan', tabs: [tab], readers: [], editors: everybody });
  return tab;
}

async function submit(source: Record<string, unknown> = {}): Promise<string> {
  const { submitJob } = await api.client.query<{ submitJob: { job: { id: string } } }>(
    `mutation ($source: JobSourceInput!) { submitJob(input: { title: "Ideas", spec: { echo: {} }, source: $source }) {
       ... on SubmitJobPayload { job { id } } } }`,
    { source: { googleSheet: { spreadsheet, ...source } } },
  );
  return submitJob.job.id;
}

/** Leaves the first request that is meant without an answer; settles when it has come. */
function holdFirst(isMeant: (request: GoogleRequestSeen) => boolean): Promise<void> {
  const { promise: hasCome, resolve } = Promise.withResolvers<void>();
  let isHeld = false;
  google.before = async (request) => {
    if (isHeld || !isMeant(request)) return;
    isHeld = true;
    resolve();
    await new Promise(() => undefined);
  };
  return hasCome;
}

async function readJob(id: string) {
  const { job } = await api.client.query<{
    job: {
      state: string;
      progress: { total: string; succeeded: string };
      events: { nodes: Record<string, unknown>[] };
    };
  }>(
    `query ($id: ID!) { job(id: $id) { state progress { total succeeded }
       events(first: 100) { nodes { __typename ... on SheetWritten { written conflicts } } } } }`,
    { id },
  );
  return job;
}

test('a worker that is killed while it reads a sheet loses no row and reads none twice', async () => {
  share(12_000);
  let worker = await startVictim();
  // 5,000 rows are a page.
  const hasCome = holdFirst(({ ranges }) => ranges.at(-1)?.startsWith("'Ideas'!A10001") ?? false);
  const id = await submit();
  await hasCome;
  await worker.kill9();
  const before = google.requests.length;
  worker = await startVictim();
  await api.follow(id);
  expect(await readJob(id)).toMatchObject({ state: 'COMPLETED', progress: { total: '12000', succeeded: '12000' } });
  const { pool } = api.engine.services.database;
  const { rows } = await pool.query(
    `select count(distinct payload ->> 'value')::int as ideas from items where job_id = $1`,
    [Buffer.from(id, 'base64').toString().slice(4)],
  );
  expect(rows).toEqual([{ ideas: 12_000 }]);
  // Behind what was kept: the first page is not asked for again.
  expect(google.requests.slice(before).filter(({ ranges }) => ranges.at(-1) === "'Ideas'!A2:Z5001")).toEqual([]);
  await worker.stop();
});

test('a worker that is killed while it writes into a sheet leaves every row told once it is back', async () => {
  const tab = share(3_000);
  let worker = await startVictim();
  const isWrite = ({ path }: GoogleRequestSeen) => path.endsWith('/values:batchUpdate');
  let writes = 0;
  const hasCome = holdFirst((request) => isWrite(request) && (writes += 1) === 3);
  const id = await submit({ writeBack: { state: 'Status', link: null, error: null } });
  await hasCome;
  await worker.kill9();
  const before = google.requests.length;
  worker = await startVictim();
  await api.follow(id);
  const { state, events } = await readJob(id);
  expect([state, events.nodes.filter(({ __typename: type }) => type === 'SheetWritten')]).toEqual([
    'COMPLETED',
    [{ __typename: 'SheetWritten', written: '3000', conflicts: '0' }],
  ]);
  expect(tab.cells[0]).toEqual(['Value', 'Status']);
  expect(tab.cells.slice(1).every((row) => row[1] === 'SUCCEEDED')).toBe(true);
  // The page that was written before is not written again.
  expect(google.requests.slice(before).filter(isWrite)).toHaveLength(1);
  await worker.stop();
});
