import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { startTestApi, type TestApi } from '../support/api.ts';
import {
  googleClient,
  quotaRefusal,
  startGoogleServer,
  type FakeCell,
  type FakeSpreadsheet,
  type GoogleServer,
} from '../support/google-server.ts';
import type { TestClient } from '../support/graphql-client.ts';

let google: GoogleServer;
let api: TestApi;
let client: TestClient;
const spreadsheet = '1BxiMVs0XRA5nFMdKvBdBZjgmUUqptlbs74OgvE2upms';
const serviceAccount = 'longhaul@example.iam.gserviceaccount.com';
const header = ['Amount', 'Transaction ID', 'IBAN', 'CURRENCY', 'Occurred at', 'Memo'];

beforeAll(async () => {
  google = await startGoogleServer();
  const { client_email: email, private_key: privateKey } = google.serviceAccount;
  const limits = { googleRequestsPerMinute: null, googleUserRequestsPerMinute: null };
  const access = {
    rootUrl: google.url,
    serviceAccount: { email, privateKey },
    apiKey: null,
    oauthClient: googleClient,
  };
  api = await startTestApi(undefined, limits, { google: access });
  client = api.client;
  await api.engine.startWorker();
});

afterAll(async () => {
  await api.close();
  await google[Symbol.asyncDispose]();
});

let serial = 0;
/** As people type them: numbers and dates by the sheet's own types, some cells left empty. */
const rowsOf = (count: number): FakeCell[][] =>
  Array.from({ length: count }, () => {
    serial += 1;
    return [1249.9, `S-${serial}`, 'ACME', 'EUR', { serial: 46083, shown: '02.03.2026' }];
  });

function share(rows: FakeCell[][], more: Partial<FakeSpreadsheet> = {}): FakeSpreadsheet {
  const shared: FakeSpreadsheet = {
    title: 'Payments',
    tabs: [{ id: 0, title: "March's", rowCount: 1_000, columnCount: 26, cells: [header, ...rows] }],
    readers: [serviceAccount],
    editors: [],
    ...more,
  };
  google.spreadsheets.set(spreadsheet, shared);
  return shared;
}

beforeEach(() => {
  google.reset();
  google.spreadsheets.clear();
});

interface Answer {
  __typename: string;
  message: string;
  code: string;
  retryAfterMs?: string;
  issues?: { path: string[] }[];
  job?: { id: string };
  columns?: string[];
  fields?: (string | null)[];
  rows?: { row: string; key: string; raw: unknown; issues: { field: string; message: string }[] }[];
  account?: { id: string; name: string; email: string | null };
}

const spec = { transactions: { onDuplicate: 'SKIP' } };

async function preview(source: Record<string, unknown> = {}, by = client): Promise<Answer> {
  const { previewSource } = await by.query<{ previewSource: Answer }>(
    `query ($input: PreviewSourceInput!) { previewSource(input: $input) { __typename
       ... on PreviewSourcePayload { columns fields rows { row key raw issues { field message } } }
       ... on Error { message code } ... on InvalidInputError { issues { path } }
       ... on LimitExceededError { retryAfterMs } ... on ProviderError { retryAfterMs } } }`,
    { input: { spec, source: { googleSheet: { spreadsheet, ...source } } } },
  );
  return previewSource;
}

async function submit(source: Record<string, unknown> = {}, input: Record<string, unknown> = {}): Promise<Answer> {
  const { submitJob } = await client.query<{ submitJob: Answer }>(
    `mutation ($input: SubmitJobInput!) { submitJob(input: $input) { __typename
       ... on SubmitJobPayload { job { id } } ... on Error { message code } ... on InvalidInputError { issues { path } } } }`,
    { input: { title: 'Sheet', spec, source: { googleSheet: { spreadsheet, ...source } }, ...input } },
  );
  return submitJob;
}

interface EndedJob {
  id: string;
  state: string;
  message: string;
  stages: { name: string; metadata: Record<string, unknown> }[];
  items: { nodes: { key: string; state: string; input: unknown }[] };
}

async function end(id: string): Promise<EndedJob> {
  await api.follow(id);
  const { job } = await client.query<{ job: EndedJob }>(
    `query ($id: ID!) { job(id: $id) { id state message stages { name metadata }
       items { nodes { key state ... on TransactionItem { input { account amount currency occurredAt description } } } } } }`,
    { id },
  );
  return job;
}

async function run(source: Record<string, unknown> = {}, input: Record<string, unknown> = {}): Promise<EndedJob> {
  const { job, message } = await submit(source, input);
  if (!job) throw new Error(message);
  return await end(job.id);
}

async function connect(grant: Record<string, unknown>, more: Record<string, unknown> = {}): Promise<Answer> {
  const { connectGoogleAccount } = await client.query<{ connectGoogleAccount: Answer }>(
    `mutation ($input: ConnectGoogleAccountInput!) { connectGoogleAccount(input: $input) { __typename
       ... on ConnectGoogleAccountPayload { account { id name email } } ... on Error { message code } } }`,
    { input: { name: 'Ada', grant, ...more } },
  );
  return connectGoogleAccount;
}

describe('A preview of a Google Sheet', () => {
  test('names its columns, the fields that they fill, and what a job would take of its rows', async () => {
    share([...rowsOf(1), [], [-3, 'bad', 'ACME', 'EURO', 'yesterday', 'note']]);
    expect(await preview()).toEqual({
      __typename: 'PreviewSourcePayload',
      columns: header,
      fields: ['amount', 'reference', 'account', 'currency', 'occurredAt', 'description'],
      rows: [
        {
          row: '1',
          key: `S-${serial}`,
          raw: {
            Amount: '1249.9',
            'Transaction ID': `S-${serial}`,
            IBAN: 'ACME',
            CURRENCY: 'EUR',
            'Occurred at': '2026-03-02',
            Memo: '',
          },
          issues: [],
        },
        {
          row: '2',
          key: 'bad',
          raw: expect.objectContaining({ 'Occurred at': 'yesterday' }),
          issues: [
            { field: 'currency', message: 'must be an ISO 4217 currency code like EUR, not "EURO"' },
            { field: 'occurredAt', message: expect.stringContaining('must be an ISO 8601 date and time') },
          ],
        },
      ],
    });
  });

  test('takes the URL of the browser, a tab, a named range or cells, and a header that stands elsewhere', async () => {
    const [row = []] = rowsOf(1);
    share([], {
      tabs: [
        { id: 7, title: 'Hidden', rowCount: 10, columnCount: 5, hidden: true, cells: [['x']] },
        {
          id: 8,
          title: 'Q1',
          rowCount: 10,
          columnCount: 10,
          cells: [['Report'], [], [null, ...header], [null, ...row]],
        },
      ],
      namedRanges: [{ name: 'Booked', range: { sheetId: 8, startRowIndex: 2, startColumnIndex: 1 } }],
    });
    const keys = [`S-${serial}`];
    const url = `https://docs.google.com/spreadsheets/d/${spreadsheet}/edit?gid=8#gid=8`;
    const sources = [
      { range: 'B3:G4' },
      { range: "'Q1'!B3:G", spreadsheet: url },
      { range: 'Booked' },
      { headerRow: 3 },
      { range: 'Q1!4:10', headerRow: 3 },
    ];
    for (const source of sources) {
      const { rows, message } = await preview(source);
      expect([source, rows?.map(({ key }) => key) ?? message]).toEqual([source, keys]);
    }
  });

  test.each([
    [{ spreadsheet: 'https://example.com/x' }, 'INVALID_INPUT', /must be the URL of a Google Sheet/],
    [
      { range: 'Ideas!A1:B2' },
      'INVALID_RANGE',
      /^"Ideas!A1:B2" is no range of "Payments": say a tab, a named range, or cells like Ideas!A1:J50\. There are "March's"\.$/,
    ],
    [{ range: 'A2000:B3000' }, 'INVALID_RANGE', /which has 1000 rows and 26 columns/],
    [{ range: 'X1:Z9' }, 'INVALID_INPUT', /holds nothing in 'March''s'!X1:Z9: its first row should name the columns/],
    [{ headerRow: 40 }, 'INVALID_INPUT', /Row 40 of "March's" is empty/],
    [{ spreadsheet: 'absent-spreadsheet' }, 'SHEET_NOT_FOUND', /no spreadsheet "absent-spreadsheet"/],
    [{ writeBack: { state: 'Memo' } }, 'INVALID_INPUT', /another column than "Memo", which the field description/],
    [{ columns: [{ column: 'IBAN', field: 'iban' }] }, 'INVALID_INPUT', /must be one of reference/],
  ])('refuses %j', async (source, code, message) => {
    share(rowsOf(1));
    expect(await preview(source)).toMatchObject({ code, message: expect.stringMatching(message) });
  });

  test('says with whom to share a sheet that may not be seen', async () => {
    share(rowsOf(1), { readers: [] });
    expect(await preview()).toMatchObject({
      __typename: 'PermissionDeniedError',
      code: 'PERMISSION_DENIED',
      message: `${serviceAccount} may not see the spreadsheet "${spreadsheet}". Share it with ${serviceAccount} as a viewer.`,
    });
  });

  test('says how long to wait when the quota is used up, and asks no more until then', async () => {
    share(rowsOf(1));
    google.refusals.push(quotaRefusal({ 'retry-after': '30' }));
    expect(await preview()).toMatchObject({
      __typename: 'LimitExceededError',
      retryAfterMs: '30000',
      message: expect.stringMatching(/^Google asks to wait: Quota exceeded for quota metric 'Read requests'/),
    });
    expect(google.requests).toHaveLength(1);
    // Google counts for the installation, whoever asks.
    expect((await preview({}, api.stranger)).code).toBe('LIMIT_EXCEEDED');
    const again = await preview();
    expect([again.__typename, Number(again.retryAfterMs) > 20_000, google.requests.length]).toEqual([
      'LimitExceededError',
      true,
      1,
    ]);
    await api.engine.services.database.pool.query("delete from buckets where name like 'google:%'");
    expect((await preview()).__typename).toBe('PreviewSourcePayload');
  });

  test('says that Google is away', async () => {
    share(rowsOf(1));
    google.refusals.push({
      status: 503,
      body: { error: { code: 503, message: 'The service is currently unavailable.', status: 'UNAVAILABLE' } },
    });
    expect(await preview()).toMatchObject({
      __typename: 'ProviderError',
      code: 'PROVIDER_REJECTED',
      retryAfterMs: '5000',
    });
  });
});

describe('A connected Google account', () => {
  const code = () => ({ code: { code: '4/abc', redirectUri: 'https://app.example.com/google' } });

  test('reads what it may see; its token is kept encrypted and shown nowhere', async () => {
    google.codes.set('4/abc', 'ada@example.com');
    const { account } = await connect(code());
    expect(account).toEqual({ id: expect.any(String), name: 'Ada', email: 'ada@example.com' });
    share(rowsOf(2), { readers: ['ada@example.com'] });
    expect((await preview()).code).toBe('PERMISSION_DENIED');
    expect((await preview({ accountId: account?.id })).rows).toHaveLength(2);
    const job = await run({ accountId: account?.id });
    expect(job.state).toBe('COMPLETED');
    const [token = ''] = [...google.refreshTokens.keys()];
    const { pool } = api.engine.services.database;
    const stored = await pool.query(
      'select to_jsonb(a) as row from google_accounts a union all select to_jsonb(j) from jobs j',
    );
    expect(stored.rows.length).toBeGreaterThan(1);
    expect(JSON.stringify(stored.rows)).not.toContain(token);
    expect(await preview({ accountId: account?.id }, api.stranger)).toMatchObject({ code: 'NOT_FOUND' });
  });

  test('says so when it was revoked, and reads again once it is connected again', async () => {
    google.refreshTokens.set('1//first', 'bob@example.com');
    const { account } = await connect({ refreshToken: '1//first' });
    share(rowsOf(1), { readers: ['bob@example.com'] });
    google.refreshTokens.delete('1//first');
    expect(await preview({ accountId: account?.id })).toMatchObject({
      code: 'ACCOUNT_REVOKED',
      message:
        'Google no longer lets Longhaul in as "Ada": connect the account again with connectGoogleAccount and its accountId.',
    });
    const job = await run({ accountId: account?.id });
    expect([job.state, job.message]).toEqual(['FAILED', expect.stringContaining('connect the account again')]);
    google.refreshTokens.set('1//second', 'bob@example.com');
    expect(await connect({ refreshToken: '1//second' }, { accountId: account?.id })).toMatchObject({
      account: { id: account?.id },
    });
    expect((await preview({ accountId: account?.id })).rows).toHaveLength(1);
  });

  test('is gone when it is disconnected', async () => {
    google.refreshTokens.set('1//third', 'eve@example.com');
    const { account } = await connect({ refreshToken: '1//third' });
    const disconnect = async () =>
      await client.query(
        `mutation ($id: ID!) { disconnectGoogleAccount(input: { accountId: $id }) { __typename ... on Error { code } } }`,
        { id: account?.id },
      );
    expect(await disconnect()).toMatchObject({
      disconnectGoogleAccount: { __typename: 'DisconnectGoogleAccountPayload' },
    });
    expect(await disconnect()).toMatchObject({ disconnectGoogleAccount: { code: 'NOT_FOUND' } });
    expect(await submit({ accountId: account?.id })).toMatchObject({ code: 'NOT_FOUND' });
  });

  test('is not connected by a code or a token that Google does not accept', async () => {
    expect(await connect(code())).toMatchObject({
      code: 'PERMISSION_DENIED',
      message: expect.stringMatching(/^Google does not accept the code: Malformed auth code\./),
    });
    expect(await connect({ refreshToken: 'stolen' })).toMatchObject({
      message: expect.stringMatching(/^Google does not accept the refresh token: Token has been expired or revoked\./),
    });
  });

  test('is asked for at a URL of Google, for a token that lasts', async () => {
    const { googleSheetsAccess } = await client.query<{ googleSheetsAccess: Record<string, unknown> }>(
      `{ googleSheetsAccess { serviceAccountEmail readsPublicSheets
           authorizationUrl(redirectUri: "https://app.example.com/google", state: "s1", codeChallenge: "c1") } }`,
    );
    const url = new URL(String(googleSheetsAccess['authorizationUrl']));
    expect([googleSheetsAccess['serviceAccountEmail'], googleSheetsAccess['readsPublicSheets'], url.origin]).toEqual([
      serviceAccount,
      true,
      'https://accounts.google.com',
    ]);
    expect(Object.fromEntries(url.searchParams)).toMatchObject({
      access_type: 'offline',
      prompt: 'consent',
      client_id: googleClient.id,
      redirect_uri: 'https://app.example.com/google',
      state: 's1',
      code_challenge: 'c1',
    });
  });
});

describe('A job over a Google Sheet', () => {
  test('takes the rows with exact numbers and days, and keeps them as an upload', async () => {
    share([
      ...rowsOf(1),
      [],
      [0.1, 'second', 1001, 'GBP', { serial: 46083.395833333336, shown: '3/2/2026 9:30' }, 'with "quotes"\nand more'],
    ]);
    const job = await run();
    expect([job.state, job.items.nodes]).toEqual([
      'COMPLETED',
      [
        {
          key: `S-${serial}`,
          state: 'SUCCEEDED',
          input: {
            account: 'ACME',
            amount: '1249.9',
            currency: 'EUR',
            occurredAt: '2026-03-02T00:00:00.000Z',
            description: null,
          },
        },
        {
          key: 'second',
          state: 'SUCCEEDED',
          input: {
            account: '1001',
            amount: '0.1',
            currency: 'GBP',
            occurredAt: '2026-03-02T09:30:00.000Z',
            description: 'with "quotes"\nand more',
          },
        },
      ],
    ]);
    expect(job.stages[0]?.metadata).toMatchObject({
      sheet: { title: 'Payments', tab: "March's", columns: header, headerRow: 1 },
      rowsFetched: 2,
      fetchedSha256: expect.stringMatching(/^[0-9a-f]{64}$/),
    });
    const { uploads } = await client.query<{ uploads: unknown }>('{ uploads(first: 1) { nodes { fileName } } }');
    expect(uploads).toEqual({ nodes: [{ fileName: "Payments - March's.csv" }] });
  });

  test('reads many pages, of which each is asked for once', async () => {
    const shared = share(rowsOf(12_000));
    shared.tabs.forEach((tab) => Object.assign(tab, { rowCount: 16_000 }));
    const job = await run();
    expect([job.state, job.stages[0]?.metadata['rowsFetched']]).toEqual(['COMPLETED', 12_000]);
    // The description, the header, and for each of four pages the values and how the numbers look; a page without numbers has no looks.
    expect(google.requests.map(({ ranges }) => ranges.at(-1) ?? '')).toEqual([
      '',
      "'March''s'!A1:Z100",
      "'March''s'!A2:Z5001",
      "'March''s'!A2:E5001",
      "'March''s'!A5001:Z10001",
      "'March''s'!A5001:E10001",
      "'March''s'!A10001:Z15001",
      "'March''s'!A10001:E15001",
      "'March''s'!A12001:Z16000",
      "'March''s'!A12001:E16000",
    ]);
  });

  test('begins anew when a row is put in while it reads, so that no two versions are mixed', async () => {
    const shared = share(rowsOf(7_000));
    const [tab] = shared.tabs;
    Object.assign(tab ?? {}, { rowCount: 7_001 });
    const [added = []] = rowsOf(1);
    let isEdited = false;
    google.before = ({ ranges }) => {
      if (isEdited || !ranges.at(-1)?.startsWith("'March''s'!A5001")) return;
      isEdited = true;
      tab?.cells.splice(1, 0, added);
      Object.assign(tab ?? {}, { rowCount: 7_002 });
    };
    const job = await run();
    expect([isEdited, job.state, job.stages[0]?.metadata['rowsFetched']]).toEqual([true, 'COMPLETED', 7_001]);
    expect(new Set(job.items.nodes.map(({ key }) => key)).size).toBe(job.items.nodes.length);
    expect(job.items.nodes[0]?.key).toBe(added[1]);
  });

  test('fails with the reason when it cannot be read, and reads what is there when it is retried', async () => {
    share(rowsOf(1), { readers: [] });
    const job = await run();
    expect([job.state, job.message]).toEqual(['FAILED', expect.stringContaining(`Share it with ${serviceAccount}`)]);
    share(rowsOf(3));
    await client.query(`mutation ($id: ID!) { retryJob(input: { jobId: $id }) { __typename } }`, { id: job.id });
    expect((await end(job.id)).items.nodes).toHaveLength(3);
  });

  test('waits for the quota and goes on', async () => {
    share(rowsOf(2));
    google.refusals.push(quotaRefusal({ 'retry-after': '1' }));
    const job = await run();
    expect([job.state, job.items.nodes.length]).toEqual(['COMPLETED', 2]);
  });

  test('over an empty table completes with no items', async () => {
    share([]);
    expect(await run()).toMatchObject({ state: 'COMPLETED', items: { nodes: [] } });
  });
});
