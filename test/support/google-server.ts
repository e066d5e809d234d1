import { generateKeyPairSync, randomBytes, verify, type KeyObject } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

/** What a cell holds; a date is a number of days that looks like a text. */
export type FakeCell = string | number | boolean | { serial: number; shown: string } | null;

export interface FakeTab {
  id: number;
  title: string;
  rowCount: number;
  columnCount: number;
  hidden?: boolean;
  /** By rows and columns, each as long as it likes. */
  cells: FakeCell[][];
}

export interface FakeSpreadsheet {
  title: string;
  tabs: FakeTab[];
  namedRanges?: { name: string; range: Record<string, number> }[];
  /** Who may open it; `anyone` is everybody. */
  readers: string[];
  editors: string[];
}

export interface GoogleRequestSeen {
  path: string;
  ranges: string[];
  body: unknown;
}

interface Refusal {
  status: number;
  body: unknown;
  headers?: Record<string, string>;
}

/** Google's Sheets API v4 and its token endpoint, as far as Longhaul asks them, answering as Google does. */
export interface GoogleServer extends AsyncDisposable {
  url: string;
  serviceAccount: { client_email: string; private_key: string };
  spreadsheets: Map<string, FakeSpreadsheet>;
  /** Refresh tokens that are good, and whose they are. */
  refreshTokens: Map<string, string>;
  /** Codes that users came back with: whose they are. */
  codes: Map<string, string>;
  apiKeys: Set<string>;
  /** Requests to the API, in order; those for tokens are not among them. */
  requests: GoogleRequestSeen[];
  /** The next requests to the API are refused so, first to last. */
  refusals: Refusal[];
  /** Runs before each request to the API is answered. */
  before: (request: GoogleRequestSeen) => Promise<void> | void;
  reset(): void;
}

const audience = 'https://oauth2.googleapis.com/token';
export const googleClient = { id: 'client.apps.googleusercontent.com', secret: 'client-secret' };

export async function startGoogleServer(): Promise<GoogleServer> {
  const { privateKey, publicKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
  const accessTokens = new Map<string, string>();
  const server = createServer((request, response) => {
    handle(request, response).catch((error: unknown) => response.destroy(error as Error));
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo; // A server on a TCP port has such an address.

  const google: GoogleServer = {
    url: `http://127.0.0.1:${port}/`,
    serviceAccount: {
      client_email: 'longhaul@example.iam.gserviceaccount.com',
      private_key: privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(),
    },
    spreadsheets: new Map(),
    refreshTokens: new Map(),
    codes: new Map(),
    apiKeys: new Set(),
    requests: [],
    refusals: [],
    before: () => undefined,
    reset() {
      google.requests.length = 0;
      google.refusals.length = 0;
      google.before = () => undefined;
    },
    [Symbol.asyncDispose]: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };

  async function handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const url = new URL(request.url ?? '/', google.url);
    const text = await readText(request);
    if (url.pathname === '/token') return answer(response, grantToken(new URLSearchParams(text)));
    const seen = {
      path: `${request.method} ${decodeURIComponent(url.pathname)}`,
      ranges: url.searchParams.getAll('ranges'),
      body: text === '' ? null : JSON.parse(text),
    };
    google.requests.push(seen);
    await google.before(seen);
    const refusal = google.refusals.shift();
    answer(response, refusal ?? serve(google, url, seen, callerOf(request, url)));
  }

  /** Null for a key or token that nobody gave. */
  function callerOf(request: IncomingMessage, url: URL): string | null {
    const key = url.searchParams.get('key');
    if (key !== null) return google.apiKeys.has(key) ? 'anyone' : null;
    const [, token = ''] = /^Bearer (.+)$/.exec(request.headers.authorization ?? '') ?? [];
    return accessTokens.get(token) ?? null;
  }

  function grantToken(form: URLSearchParams): Refusal {
    const give = (email: string, more: Record<string, unknown> = {}) => {
      const token = `ya29.${randomBytes(12).toString('hex')}`;
      accessTokens.set(token, email);
      const body = { access_token: token, expires_in: 3_599, token_type: 'Bearer', scope: sheetsScopes, ...more };
      return { status: 200, body };
    };
    const refuse = (error: string, error_description: string, status = 400) => ({
      status,
      body: { error, error_description },
    });
    const grantType = form.get('grant_type');
    if (grantType === 'urn:ietf:params:oauth:grant-type:jwt-bearer') {
      const claims = verifyAssertion(form.get('assertion') ?? '', publicKey);
      if (!claims) return refuse('invalid_grant', 'Invalid JWT Signature.');
      const isOurs = claims['iss'] === google.serviceAccount.client_email && claims['aud'] === audience;
      return isOurs
        ? give(google.serviceAccount.client_email)
        : refuse('invalid_grant', 'Invalid grant: account not found');
    }
    if (form.get('client_id') !== googleClient.id || form.get('client_secret') !== googleClient.secret) {
      return refuse('invalid_client', 'The OAuth client was not found.', 401);
    }
    if (grantType === 'authorization_code') {
      const code = form.get('code') ?? '';
      const email = google.codes.get(code);
      if (email === undefined) return refuse('invalid_grant', 'Malformed auth code.');
      google.codes.delete(code);
      const refreshToken = `1//${randomBytes(8).toString('hex')}`;
      google.refreshTokens.set(refreshToken, email);
      return give(email, { refresh_token: refreshToken, id_token: idTokenOf(email) });
    }
    const email = google.refreshTokens.get(form.get('refresh_token') ?? '');
    return email === undefined ? refuse('invalid_grant', 'Token has been expired or revoked.') : give(email);
  }

  return google;
}

const sheetsScopes =
  'openid https://www.googleapis.com/auth/userinfo.email https://www.googleapis.com/auth/spreadsheets';

function idTokenOf(email: string): string {
  const part = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64url');
  return `${part({ alg: 'RS256' })}.${part({ email, email_verified: true })}.signature`;
}

/** The claims of a JWT that was signed with RS256 by the key's other half; null for anything else. */
function verifyAssertion(assertion: string, publicKey: KeyObject): Record<string, unknown> | null {
  const [header = '', payload = '', signature = ''] = assertion.split('.');
  const parse = (part: string) => JSON.parse(Buffer.from(part, 'base64url').toString()) as Record<string, unknown>;
  if (parse(header)['alg'] !== 'RS256') return null;
  const isSigned = verify(
    'sha256',
    Buffer.from(`${header}.${payload}`),
    publicKey,
    Buffer.from(signature, 'base64url'),
  );
  return isSigned ? parse(payload) : null;
}

function refusal(code: number, status: string, message: string): Refusal {
  return { status: code, body: { error: { code, message, status } } };
}

/** As Google says it when a quota is used up. */
export function quotaRefusal(headers: Record<string, string> = {}): Refusal {
  const message =
    "Quota exceeded for quota metric 'Read requests' and limit 'Read requests per minute per user' of service 'sheets.googleapis.com' for consumer 'project_number:1'.";
  return { ...refusal(429, 'RESOURCE_EXHAUSTED', message), headers };
}

function serve(google: GoogleServer, url: URL, seen: GoogleRequestSeen, caller: string | null): Refusal {
  if (caller === null) {
    return url.searchParams.has('key')
      ? refusal(400, 'INVALID_ARGUMENT', 'API key not valid. Please pass a valid API key.')
      : refusal(401, 'UNAUTHENTICATED', 'Request had invalid authentication credentials.');
  }
  const [, id = '', values = '', verb = ''] =
    /\/v4\/spreadsheets\/([^/:]+)(\/values)?(?::(\w+))?$/.exec(seen.path) ?? [];
  const spreadsheet = google.spreadsheets.get(id);
  if (!spreadsheet) return refusal(404, 'NOT_FOUND', 'Requested entity was not found.');
  const isWrite = seen.path.startsWith('POST');
  const allowed = isWrite ? spreadsheet.editors : [...spreadsheet.readers, ...spreadsheet.editors];
  if (!allowed.includes(caller) && !allowed.includes('anyone')) {
    return refusal(403, 'PERMISSION_DENIED', 'The caller does not have permission');
  }
  try {
    if (!isWrite && verb === '') return { status: 200, body: describe(spreadsheet) };
    if (values !== '' && verb === 'batchGet') {
      const isSerial = url.searchParams.get('dateTimeRenderOption') === 'SERIAL_NUMBER';
      return {
        status: 200,
        body: { spreadsheetId: id, valueRanges: seen.ranges.map((range) => read(spreadsheet, range, isSerial)) },
      };
    }
    if (values !== '' && verb === 'batchUpdate') return { status: 200, body: write(spreadsheet, seen.body) };
    if (verb === 'batchUpdate') return { status: 200, body: addColumns(spreadsheet, seen.body) };
  } catch (error) {
    return refusal(400, 'INVALID_ARGUMENT', error instanceof Error ? error.message : String(error));
  }
  return refusal(404, 'NOT_FOUND', 'Not found.');
}

/** What is zero, false or empty is left out, as everywhere in Google's JSON. */
function describe({ title, tabs, namedRanges }: FakeSpreadsheet): unknown {
  return {
    properties: { title },
    sheets: tabs.map(({ id, title: tabTitle, hidden, rowCount, columnCount }) => ({
      properties: {
        ...(id === 0 ? {} : { sheetId: id }),
        title: tabTitle,
        sheetType: 'GRID',
        gridProperties: { rowCount, columnCount },
        ...(hidden ? { hidden } : {}),
      },
    })),
    ...(namedRanges ? { namedRanges } : {}),
  };
}

interface Place {
  tab: FakeTab;
  top: number;
  left: number;
  bottom: number;
  right: number;
}

function locate({ tabs }: FakeSpreadsheet, range: string): Place {
  const match = /^(?:'((?:[^']|'')*)'|([^'!]+))!([A-Z]+)(\d+)(?::([A-Z]+)(\d+))?$/.exec(range);
  const [, quoted, plain, left = '', top = '', right = left, bottom = top] = match ?? [];
  const tab = tabs.find(({ title }) => title === (quoted?.replaceAll("''", "'") ?? plain));
  if (!match || !tab) throw new Error(`Unable to parse range: ${range}`);
  const place = { tab, top: Number(top), left: columnOf(left), bottom: Number(bottom), right: columnOf(right) };
  if (place.top > tab.rowCount || place.left > tab.columnCount) {
    throw new Error(`Range (${range}) exceeds grid limits. Max rows: ${tab.rowCount}, max columns: ${tab.columnCount}`);
  }
  return place;
}

function columnOf(letters: string): number {
  return letters.split('').reduce((sum, letter) => sum * 26 + letter.charCodeAt(0) - 64, 0);
}

/** Cells that are empty at the end of a row, and rows at the end that are, are left out; without any there are no `values`. */
function read(spreadsheet: FakeSpreadsheet, range: string, isSerial: boolean): unknown {
  const { tab, top, left, bottom, right } = locate(spreadsheet, range);
  const render = (cell: FakeCell | undefined) => {
    if (cell === undefined || cell === null) return '';
    if (typeof cell !== 'object') return cell;
    return isSerial ? cell.serial : cell.shown;
  };
  const rows = Array.from({ length: Math.min(bottom, tab.rowCount) - top + 1 }, (_, at) =>
    trim(
      Array.from({ length: Math.min(right, tab.columnCount) - left + 1 }, (__, column) =>
        render(tab.cells[top - 1 + at]?.[left - 1 + column]),
      ),
      (cell) => cell === '',
    ),
  );
  const values = trim(rows, (row) => row.length === 0);
  return { range, majorDimension: 'ROWS', ...(values.length > 0 ? { values } : {}) };
}

function trim<T>(list: T[], isBlank: (each: T) => boolean): T[] {
  return list.slice(0, list.findLastIndex((each) => !isBlank(each)) + 1);
}

function write(spreadsheet: FakeSpreadsheet, body: unknown): unknown {
  // What Longhaul sends.
  const { data, valueInputOption } = body as {
    data: { range: string; values: string[][] }[];
    valueInputOption: string;
  };
  if (valueInputOption !== 'RAW') throw new Error(`Unexpected valueInputOption ${valueInputOption}`);
  // Nothing is written when a part cannot be.
  const places = data.map(({ range, values }) => ({ values, place: locate(spreadsheet, range) }));
  for (const { values, place } of places) {
    const { tab, top, left, right, bottom } = place;
    if (right > tab.columnCount || bottom > tab.rowCount) throw new Error('Range exceeds grid limits.');
    values.forEach((row, at) =>
      row.forEach((value, column) => {
        const cells = (tab.cells[top - 1 + at] ??= []);
        for (let each = cells.length; each < left - 1 + column; each += 1) cells[each] = null;
        cells[left - 1 + column] = value === '' ? null : value;
      }),
    );
  }
  return { totalUpdatedCells: data.length };
}

function addColumns(spreadsheet: FakeSpreadsheet, body: unknown): unknown {
  // What Longhaul sends.
  const { requests } = body as {
    requests: { appendDimension: { sheetId: number; dimension: string; length: number } }[];
  };
  for (const { appendDimension } of requests) {
    const tab = spreadsheet.tabs.find(({ id }) => id === appendDimension.sheetId);
    if (!tab || appendDimension.dimension !== 'COLUMNS') throw new Error('Invalid requests[0].appendDimension');
    tab.columnCount += appendDimension.length;
  }
  return { replies: requests.map(() => ({})) };
}

async function readText(request: IncomingMessage): Promise<string> {
  let text = '';
  for await (const piece of request.setEncoding('utf8')) text += String(piece);
  return text;
}

function answer(response: ServerResponse, { status, body, headers = {} }: Refusal): void {
  response.writeHead(status, { 'content-type': 'application/json; charset=UTF-8', ...headers });
  response.end(JSON.stringify(body));
}
