import { generateKeyPairSync } from 'node:crypto';
import { pino } from 'pino';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { GoogleConfig } from '../../src/config/google-config.ts';
import { defaultLimits } from '../../src/domain/limits.ts';
import { createRateLimiter } from '../../src/limits/rate-limiter.ts';
import { createSheetsClient, ResponseTooLargeError } from '../../src/providers/google/sheets-client.ts';
import { createSheetAccess } from '../../src/sources/sheet/sheet-access.ts';
import { createTestDatabase, type TestDatabase } from '../support/database.ts';
import { startGoogleServer, type GoogleServer } from '../support/google-server.ts';
import { testSecret } from '../support/secret.ts';

let google: GoogleServer;
let testDatabase: TestDatabase;
const spreadsheetId = '1BxiMVs0XRA5nFMdKvBdBZjgmUUqptlbs74OgvE2upms';
const none = { rootUrl: null, serviceAccount: null, apiKey: null, oauthClient: null };

beforeAll(async () => {
  google = await startGoogleServer();
  google.apiKeys.add('public-key');
  testDatabase = await createTestDatabase();
});

afterAll(async () => {
  await testDatabase.close();
  await google[Symbol.asyncDispose]();
});

beforeEach(() => {
  google.reset();
  const tabs = [{ id: 0, title: 'Ideas', rowCount: 10, columnCount: 3, cells: [['Value'], ['a']] }];
  google.spreadsheets.set(spreadsheetId, { title: 'Plan', tabs, readers: ['anyone'], editors: [] });
});

/** The title of the spreadsheet, as the installation may see it. */
async function readTitle(config: Partial<GoogleConfig>, intent: 'READ' | 'WRITE' = 'READ'): Promise<string> {
  const { database } = testDatabase;
  const log = pino({ level: 'silent' });
  const limits = { ...defaultLimits, googleRequestsPerMinute: null, googleUserRequestsPerMinute: null };
  const access = createSheetAccess({
    database,
    rateLimiter: createRateLimiter({ database, log }),
    config: { google: { ...none, rootUrl: google.url, ...config }, secret: testSecret, limits },
  });
  const { signal } = new AbortController();
  const request = {
    projectId: '00000000-0000-0000-0000-000000000001',
    accountId: null,
    intent,
    consumer: 'test',
    signal,
  };
  return await access.use(request, async (client) => (await client.describe(spreadsheetId)).title);
}

const refused = (status: number, reason: string, message: string) => ({
  status,
  body: { error: { code: status, message, status: reason } },
});

describe('Without a service account or an account', () => {
  test('a public sheet is read with the API key of the installation', async () => {
    expect(await readTitle({ apiKey: 'public-key' })).toBe('Plan');
  });

  test('a sheet that is not public is not', async () => {
    google.spreadsheets.set(spreadsheetId, { title: 'Plan', tabs: [], readers: [], editors: [] });
    await expect(readTitle({ apiKey: 'public-key' })).rejects.toMatchObject({
      code: 'PERMISSION_DENIED',
      message: expect.stringMatching(/^The public may not see .* Share it with anyone who has the link, or connect/),
    });
  });

  test.each<[string, Partial<GoogleConfig>, 'READ' | 'WRITE', string, RegExp]>([
    [
      'nothing is written',
      { apiKey: 'public-key' },
      'WRITE',
      'PERMISSION_DENIED',
      /^An API key cannot write to a sheet/,
    ],
    [
      'nothing is read',
      {},
      'READ',
      'PERMISSION_DENIED',
      /^This installation has no access to Google Sheets of its own/,
    ],
    [
      'a wrong API key is told',
      { apiKey: 'wrong' },
      'READ',
      'PROVIDER_REJECTED',
      /does not accept LONGHAUL_GOOGLE_API_KEY/,
    ],
  ])('%s', async (_, config, intent, code, message) => {
    await expect(readTitle(config, intent)).rejects.toMatchObject({ code, message: expect.stringMatching(message) });
  });
});

describe('What Google refuses', () => {
  const own = () => {
    const { client_email: email, private_key: privateKey } = google.serviceAccount;
    return { serviceAccount: { email, privateKey } };
  };

  test('a key that is not that of the service account is no error of the caller', async () => {
    const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
    const { email } = own().serviceAccount;
    const wrong = { email, privateKey: privateKey.export({ type: 'pkcs8', format: 'pem' }).toString() };
    await expect(readTitle({ serviceAccount: wrong })).rejects.toMatchObject({
      code: 'PROVIDER_REJECTED',
      retryable: false,
      message: `Google does not accept the service account ${email} of this installation: Invalid JWT Signature.`,
    });
  });

  test.each([
    [
      refused(403, 'PERMISSION_DENIED', 'Google Sheets API has not been used in project 1 before or it is disabled.'),
      {
        code: 'PROVIDER_REJECTED',
        retryable: false,
        message: expect.stringMatching(/switched off in the Google Cloud project/),
      },
    ],
    [
      refused(400, 'FAILED_PRECONDITION', 'This operation is not supported for this document'),
      { code: 'INVALID_INPUT', message: expect.stringMatching(/most likely an Excel file in Google Drive/) },
    ],
    [refused(403, 'RESOURCE_EXHAUSTED', 'User Rate Limit Exceeded'), { code: 'LIMIT_EXCEEDED', retryAfterMs: 60_000 }],
    [refused(500, 'INTERNAL', 'Internal error encountered.'), { code: 'PROVIDER_REJECTED', retryAfterMs: 5_000 }],
    [refused(400, 'INVALID_ARGUMENT', 'Bad.'), { code: 'PROVIDER_REJECTED', retryable: false }],
  ])('%j', async (answer, error) => {
    google.refusals.push(answer);
    await expect(readTitle(own())).rejects.toMatchObject(error);
    await testDatabase.database.pool.query('delete from buckets');
  });

  test('an answer that is too large is not held', async () => {
    const client = createSheetsClient({
      endpoints: { rootUrl: google.url },
      identity: { kind: 'API_KEY', apiKey: 'public-key' },
      intent: 'READ',
      signal: new AbortController().signal,
      limit: 1,
      maxResponseBytes: 20,
      takeTurn: async () => undefined,
      onRefused: async () => undefined,
    });
    await expect(client.describe(spreadsheetId)).rejects.toThrow(ResponseTooLargeError);
  });
});
