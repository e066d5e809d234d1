import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { startTestApi, type TestApi } from '../support/api.ts';
import { startGoogleServer, type FakeCell, type FakeTab, type GoogleServer } from '../support/google-server.ts';

let google: GoogleServer;
let api: TestApi;
const spreadsheet = '1BxiMVs0XRA5nFMdKvBdBZjgmUUqptlbs74OgvE2upms';
const serviceAccount = 'longhaul@example.iam.gserviceaccount.com';

beforeAll(async () => {
  google = await startGoogleServer();
  const { client_email: email, private_key: privateKey } = google.serviceAccount;
  const limits = { googleRequestsPerMinute: null, googleUserRequestsPerMinute: null };
  api = await startTestApi(undefined, limits, {
    google: { rootUrl: google.url, serviceAccount: { email, privateKey }, apiKey: null, oauthClient: null },
  });
  await api.engine.startWorker();
});

afterAll(async () => {
  await api.close();
  await google[Symbol.asyncDispose]();
});

beforeEach(() => google.reset());

function share(cells: FakeCell[][], more: Partial<FakeTab> = {}, editors = [serviceAccount]): FakeTab {
  const tab = { id: 3, title: 'Ideas', rowCount: 100, columnCount: 26, cells, ...more };
  google.spreadsheets.set(spreadsheet, { title: 'Plan', tabs: [tab], readers: [serviceAccount], editors });
  return tab;
}

async function submit(writeBack: Record<string, string | null> = {}): Promise<string> {
  const { submitJob } = await api.client.query<{ submitJob: { job?: { id: string }; message?: string } }>(
    `mutation ($source: JobSourceInput!) { submitJob(input: { title: "Ideas", spec: { echo: {} }, source: $source }) {
       ... on SubmitJobPayload { job { id } } ... on Error { message } } }`,
    { source: { googleSheet: { spreadsheet, writeBack } } },
  );
  if (!submitJob.job) throw new Error(submitJob.message);
  return submitJob.job.id;
}

const entryFields =
  '__typename ... on SheetWritten { written conflicts conflictRows } ... on SheetWriteFailed { error } ... on JobStateChanged { to }';

/** The last entries of the journal, once the sheet was told. */
async function told(id: string): Promise<unknown[]> {
  await api.follow(id);
  const { jobId } = { jobId: Buffer.from(id, 'base64').toString().slice(4) };
  const { pool } = api.engine.services.database;
  await expect
    .poll(async () => (await pool.query('select state from sheet_write_backs where job_id = $1', [jobId])).rows)
    .toEqual([{ state: 'ENDED' }]);
  const { job } = await api.client.query<{ job: { events: { nodes: { __typename: string }[] } } }>(
    `query ($id: ID!) { job(id: $id) { events(first: 100) { nodes { ${entryFields} } } } }`,
    { id },
  );
  return job.events.nodes.filter(({ __typename }) => /^Sheet|^JobStateChanged/.test(__typename)).slice(-2);
}

const completed = { __typename: 'JobStateChanged', to: 'COMPLETED' };
const written = (count: number, conflictRows: number[] = [], conflicts = conflictRows.length) => ({
  __typename: 'SheetWritten',
  written: String(count),
  conflicts: String(conflicts),
  conflictRows,
});

test('A sheet is told state, link and error beside its rows, in columns that are added to its right', async () => {
  const tab = share(
    [['Value', 'Fail'], ['https://example.com/a.mp4'], [], ['second', true], [null, 'perhaps'], ['=1+1']],
    { columnCount: 3 },
  );
  expect(await told(await submit())).toEqual([written(4), completed]);
  expect(tab.columnCount).toBe(5);
  expect(tab.cells).toEqual([
    ['Value', 'Fail', 'Status', 'Link', 'Error'],
    ['https://example.com/a.mp4', null, 'SUCCEEDED', 'https://example.com/a.mp4', null],
    [],
    ['second', true, 'FAILED', null, expect.stringMatching(/^[A-Z_]+: ./)],
    [null, 'perhaps', 'FAILED', null, expect.stringMatching(/^[A-Z_]+: ./)],
    ['=1+1', null, 'SUCCEEDED', null, null],
  ]);
});

test('Columns that are there are written where they are, and are not read when the sheet is submitted again', async () => {
  const tab = share([['State of things', 'Value'], [null, 'a'], ['old', 'b'], ['left over']]);
  const columns = { state: 'state of THINGS', link: null, error: null };
  for (const _ of ['first', 'second']) {
    expect(await told(await submit(columns))).toEqual([written(2), completed]);
    expect(tab.cells).toEqual([['State of things', 'Value'], ['SUCCEEDED', 'a'], ['SUCCEEDED', 'b'], ['left over']]);
  }
});

test('Nothing that stands to the right without a name is written over', async () => {
  const tab = share([['Value'], ['a'], ['b', null, 'a note']]);
  await told(await submit({ state: 'Status', link: null, error: null }));
  expect(tab.cells[0]).toEqual(['Value', null, null, 'Status']);
  expect(tab.cells[2]).toEqual(['b', null, 'a note', 'FAILED']);
});

test('A row that is another one by now is a conflict, and nothing is written to it', async () => {
  const tab = share([['Value'], ['a'], ['b'], ['c'], ['d']]);
  let described = 0;
  google.before = ({ path }) => {
    if (path !== `GET /v4/spreadsheets/${spreadsheet}`) return;
    described += 1;
    if (described === 2) tab.cells = [['Value'], ['a'], ['other'], ['c']];
  };
  expect(await told(await submit({ state: 'Status', link: null, error: null }))).toEqual([
    written(2, [3], 2),
    completed,
  ]);
  expect(tab.cells).toEqual([['Value', 'Status'], ['a', 'SUCCEEDED'], ['other'], ['c', 'SUCCEEDED']]);
});

test('A sheet that may not be written to fails no job, and the journal says whom to share it with', async () => {
  share([['Value'], ['a']], {}, []);
  expect(await told(await submit())).toEqual([
    {
      __typename: 'SheetWriteFailed',
      error: `${serviceAccount} may not edit the spreadsheet "${spreadsheet}". Share it with ${serviceAccount} as an editor.`,
    },
    completed,
  ]);
});

test('A job that failed tells its sheet too, and again when it is retried', async () => {
  const tab = share([
    ['Value', 'Fail'],
    ['a', true],
  ]);
  const id = await submit({ state: 'Status', link: null, error: null });
  const failed = { __typename: 'JobStateChanged', to: 'FAILED' };
  expect(await told(id)).toEqual([failed, written(1)]);
  Object.assign(tab.cells[1] ?? [], { 2: 'changed by hand' });
  const { pool } = api.engine.services.database;
  const jobId = Buffer.from(id, 'base64').toString().slice(4);
  const { rows } = await pool.query<{ attempt: number }>('select attempt from sheet_write_backs where job_id = $1', [
    jobId,
  ]);
  await api.client.query('mutation ($id: ID!) { retryJob(input: { jobId: $id }) { __typename } }', { id });
  await expect
    .poll(
      async () => {
        const again = await pool.query<{ attempt: number; state: string }>(
          'select attempt, state from sheet_write_backs where job_id = $1',
          [jobId],
        );
        return again.rows[0]?.state === 'ENDED' && again.rows[0].attempt > (rows[0]?.attempt ?? 0);
      },
      { timeout: 20_000 },
    )
    .toBe(true);
  expect(await told(id)).toEqual([failed, written(1)]);
  expect(tab.cells[1]).toEqual(['a', true, 'FAILED']);
});
