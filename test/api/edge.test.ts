import { once } from 'node:events';
import { createConnection, type Socket } from 'node:net';
import { Readable } from 'node:stream';
import { WebSocket } from 'ws';
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import { schema } from '../../schema/schema.ts';
import { ExportEntity } from '../../src/database/entities/export.ts';
import { newId } from '../../src/database/new-id.ts';
import { exportFileKey } from '../../src/exports/storage-key.ts';
import { createHttpServer, type HttpServer } from '../../src/http/server.ts';
import type { HttpLimits } from '../../src/http/limits.ts';
import { createTestEngine, type TestEngine } from '../support/engine.ts';
import { createTestClient } from '../support/graphql-client.ts';
import { createTestProject } from '../support/project.ts';
import { waitFor } from '../support/wait-for.ts';

const listed = 'https://app.example.com';
const stranger = 'https://evil.example';

let engine: TestEngine;
let server: HttpServer;
let apiKey: string;

beforeAll(async () => {
  engine = await createTestEngine();
  ({ apiKey } = await createTestProject(engine.services.database));
  server = await serve();
});
afterAll(async () => {
  await server?.close();
  await engine?.close();
});

async function serve(limits: Partial<HttpLimits> = {}, publicUrl = 'https://api.example.com'): Promise<HttpServer> {
  const { services, config } = engine;
  const { database, log, metrics } = services;
  const http = createHttpServer({
    config: { ...config, publicUrl, allowedOrigins: [listed] },
    services,
    database,
    log,
    metrics,
    schema,
    limits,
  });
  await http.listen();
  return http;
}

async function serveForTest(limits: Partial<HttpLimits>): Promise<HttpServer> {
  const http = await serve(limits);
  onTestFinished(() => http.close());
  return http;
}

function post(body: unknown, headers: Record<string, string> = {}): Promise<Response> {
  return fetch(`${server.url()}/graphql`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', authorization: `Bearer ${apiKey}`, ...headers },
    body: JSON.stringify(body),
  });
}

const accessHeaders = (headers: Headers) =>
  Object.fromEntries([...headers].filter(([name]) => name.startsWith('access-control-')));

describe('Web pages', () => {
  const question = (origin: string) =>
    fetch(`${server.url()}/graphql`, {
      method: 'OPTIONS',
      headers: { origin, 'access-control-request-method': 'POST', 'access-control-request-headers': 'authorization' },
    });

  test('of a listed origin may ask, send and read, without credentials that a browser adds by itself', async () => {
    const preflight = await question(listed);
    expect([preflight.status, accessHeaders(preflight.headers)]).toEqual([
      204,
      {
        'access-control-allow-origin': listed,
        'access-control-allow-methods': '*',
        'access-control-allow-headers': 'authorization, *',
        'access-control-expose-headers': '*',
        'access-control-max-age': '600',
      },
    ]);
    const answer = await post({ query: '{ viewer { project { name } } }' }, { origin: listed });
    expect(answer.status).toBe(200);
    expect(answer.headers.get('access-control-allow-origin')).toBe(listed);
    expect(answer.headers.get('vary')).toContain('origin');
    expect(answer.headers.has('access-control-allow-credentials')).toBe(false);
  });

  test.each([
    ['an operation in a project', 'POST', '/graphql', ['authorization', 'content-type', 'longhaul-project']],
    ['a whole file', 'PUT', '/uploads/x', ['content-type']],
    ['the rest of a file', 'PUT', '/uploads/x', ['content-range', 'content-type']],
    ['the question how much of a file is there', 'HEAD', '/uploads/x', []],
    ['a range of a download', 'GET', '/exports/x', ['range', 'if-range']],
  ])('of a listed origin may send %s', async (_, method, path, sent) => {
    const { status, headers } = await fetch(`${server.url()}${path}`, {
      method: 'OPTIONS',
      headers: {
        origin: listed,
        'access-control-request-method': method,
        'access-control-request-headers': sent.join(','),
      },
    });
    expect([status, headers.get('access-control-allow-origin')]).toEqual([204, listed]);
    // As browsers decide (Fetch, 4.8) of requests without cookies: a star means all, but for "authorization".
    const allows = (name: string, value: string) => {
      const allowed = (headers.get(name) ?? '').toLowerCase().split(/, */);
      return allowed.includes(value.toLowerCase()) || (allowed.includes('*') && value !== 'authorization');
    };
    expect(allows('access-control-allow-methods', method)).toBe(true);
    expect(sent.filter((name) => !allows('access-control-allow-headers', name))).toEqual([]);
  });

  test('of a listed origin read how much of an upload is there', async () => {
    const link = await createUploadLink();
    const answer = await fetch(`${server.url()}${link}`, { method: 'HEAD', headers: { origin: listed } });
    expect([answer.status, answer.headers.get('upload-offset')]).toEqual([200, '0']);
    expect(accessHeaders(answer.headers)).toEqual({
      'access-control-allow-origin': listed,
      'access-control-expose-headers': '*',
    });
  });

  test.each([stranger, 'null', 'https://app.example.com.evil.example', 'http://app.example.com'])(
    'of the origin %s get no permission, and what they send is not run',
    async (origin) => {
      expect(accessHeaders((await question(origin)).headers)).toEqual({});
      const answer = await post({ query: 'mutation { deleteJob(id: "x") { __typename } }' }, { origin });
      expect([answer.status, accessHeaders(answer.headers)]).toEqual([403, {}]);
      expect(await answer.json()).toMatchObject({ errors: [{ extensions: { code: 'PERMISSION_DENIED' } }] });
      const upload = await fetch(`${server.url()}/uploads/x`, { method: 'PUT', headers: { origin }, body: 'x' });
      expect(upload.status).toBe(403);
      expect((await fetch(`${server.url()}/healthz`, { headers: { origin } })).ok).toBe(true);
    },
  );

  test.each([
    ['at the public URL', 'https://api.example.com'],
    ['at the address that the browser called', null],
  ])('of our own %s need no permission', async (_, origin) => {
    expect((await post({ query: '{ __typename }' }, { origin: origin ?? server.url() })).status).toBe(200);
  });

  test('open sockets from our own and from listed origins, not from others', async () => {
    const open = (origin: string) =>
      new WebSocket(`${server.url().replace('http', 'ws')}/graphql`, 'graphql-transport-ws', { origin });
    for (const origin of [listed, server.url()]) {
      const socket = open(origin);
      await once(socket, 'open');
      socket.terminate();
    }
    const [error] = await once(open(stranger), 'error');
    expect(String(error)).toContain('403');
  });

  test('cannot have an operation run by a form or a link: without a key in a header nothing runs, and GET changes nothing', async () => {
    const form = await fetch(`${server.url()}/graphql`, {
      method: 'POST',
      body: new URLSearchParams({ query: 'mutation { deleteJob(id: "x") { __typename } }' }),
    });
    expect(form.status).toBe(401);
    const link = await fetch(
      `${server.url()}/graphql?query=${encodeURIComponent('mutation { deleteJob(id: "x") { __typename } }')}`,
      { headers: { authorization: `Bearer ${apiKey}` } },
    );
    expect([link.status, link.headers.get('allow')]).toEqual([405, 'POST']);
  });
});

test('several operations in one request are refused', async () => {
  const answer = await post([{ query: '{ __typename }' }, { query: '{ __typename }' }]);
  expect([answer.status, await answer.json()]).toMatchObject([400, { errors: [{ message: expect.any(String) }] }]);
});

test.each([
  ['data', '/graphql?query={__typename}', 200],
  ['a refused method', '/uploads/x', 405],
  ['a wrong link', '/exports/x', 404],
  ['health', '/healthz', 200],
  ['metrics', '/metrics', 200],
  ['nothing', '/nothing', 404],
])(
  'the answer with %s tells browsers to load nothing and to frame nothing, and to stay with TLS',
  async (_, path, status) => {
    const answer = await fetch(`${server.url()}${path}`, { headers: { authorization: `Bearer ${apiKey}` } });
    expect(answer.status).toBe(status);
    expect(Object.fromEntries(answer.headers)).toMatchObject({
      'content-security-policy': "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
      'cross-origin-opener-policy': 'same-origin',
      'cross-origin-resource-policy': 'same-origin',
      'referrer-policy': 'no-referrer',
      'strict-transport-security': 'max-age=31536000',
      'x-content-type-options': 'nosniff',
      'x-frame-options': 'DENY',
      'x-request-id': expect.any(String),
    });
  },
);

test('GraphiQL runs its own scripts only, each by its hash, and TLS is not demanded of a plain public URL', async () => {
  const plain = await serve({}, 'http://127.0.0.1');
  onTestFinished(() => plain.close());
  const { headers } = await fetch(`${plain.url()}/graphql`, { headers: { accept: 'text/html' } });
  const scripts = /script-src ([^;]*)/.exec(headers.get('content-security-policy') ?? '')?.[1];
  expect(scripts).toMatch(/^('sha256-[\w+/]{43}=' ?){3}$/);
  expect(headers.get('x-frame-options')).toBe('DENY');
  expect(headers.has('strict-transport-security')).toBe(false);
});

test('a key has a bounded number of subscriptions over all its sockets and streams, and one that ends makes room', async () => {
  const http = await serveForTest({ subscriptionsPerKey: 3 });
  const clients = [1, 2, 3].map(() => createTestClient({ url: `${http.url()}/graphql`, apiKey }));
  onTestFinished(async () => void (await Promise.all(clients.map((client) => client.close()))));
  const document = 'subscription { jobsChanged { id } }';
  const stream = () =>
    fetch(`${http.url()}/graphql`, {
      method: 'POST',
      headers: {
        accept: 'text/event-stream',
        'content-type': 'application/json',
        authorization: `Bearer ${apiKey}`,
      },
      body: JSON.stringify({ query: document }),
    });
  const reading = clients.map((client) => {
    const messages = client.subscribe(document);
    messages.next().catch(() => undefined);
    return messages;
  });
  await waitFor(async () => (await countSubscriptions(http)) === 3, { description: 'three subscriptions' });
  expect(await (await stream()).text()).toContain('"code":"LIMIT_EXCEEDED"');
  await expect(clients[0]?.subscribe(document).next()).rejects.toThrow('at most 3 subscriptions open');
  await reading[0]?.return();
  const admitted = await waitFor(
    async () => {
      const response = await stream();
      const reader = response.body?.getReader();
      // A refused stream ends at once; one that was let in says nothing before something changes but a ping.
      const first = new TextDecoder().decode((await reader?.read())?.value);
      await reader?.cancel();
      return !first.includes('LIMIT_EXCEEDED');
    },
    { description: 'room for a stream' },
  );
  expect(admitted).toBe(true);
});

test('a stream of server-sent events counts like a subscription on a socket', async () => {
  const http = await serveForTest({ subscriptionsPerKey: 1 });
  const client = createTestClient({ url: `${http.url()}/graphql`, apiKey });
  onTestFinished(() => client.close());
  const document = 'subscription { jobsChanged { id } }';
  const left = new AbortController();
  const stream = await fetch(`${http.url()}/graphql`, {
    method: 'POST',
    headers: { accept: 'text/event-stream', 'content-type': 'application/json', authorization: `Bearer ${apiKey}` },
    body: JSON.stringify({ query: document }),
    signal: left.signal,
  });
  expect(stream.status).toBe(200);
  await waitFor(async () => (await countSubscriptions(http)) === 1, { description: 'the stream to be open' });
  await expect(client.subscribe(document).next()).rejects.toThrow('at most 1 subscriptions open');
  left.abort();
  await waitFor(async () => (await countSubscriptions(http)) === 0, { description: 'the stream to be over' });
  const admitted = client.subscribe(document);
  admitted.next().catch(() => undefined);
  await waitFor(async () => (await countSubscriptions(http)) === 1, { description: 'the socket to have its place' });
});

/** Path of a signed link, with its signature. */
async function createUploadLink(): Promise<string> {
  const answer = await post({
    query:
      'mutation { createUpload(input: { fileName: "a.csv" }) { ... on CreateUploadPayload { upload { uploadUrl } } } }',
  });
  const { data } = (await answer.json()) as { data: { createUpload: { upload: { uploadUrl: string } } } };
  const { pathname, search } = new URL(data.createUpload.upload.uploadUrl);
  return `${pathname}${search}`;
}

async function countSubscriptions(http: HttpServer): Promise<number> {
  const text = await (await fetch(`${http.url()}/metrics`)).text();
  return Number(/^longhaul_subscriptions_open (\d+)$/m.exec(text)?.[1]);
}

describe('A slow client', () => {
  function connectRaw(http: HttpServer): Socket {
    const socket = createConnection(Number(new URL(http.url()).port), '127.0.0.1');
    onTestFinished(() => void socket.destroy());
    return socket;
  }

  /** Sends a piece again and again until the server closes the connection; answers what it said. */
  async function dribble(socket: Socket, head: string, piece: string): Promise<string> {
    let answer = '';
    socket.setEncoding('utf8').on('data', (text: string) => (answer += text));
    const closed = closing(socket);
    socket.write(head);
    const timer = setInterval(() => socket.write(piece), 20);
    await closed;
    clearInterval(timer);
    return answer;
  }

  test('that dribbles its headers is cut off with 408', async () => {
    const http = await serveForTest({ headersMs: 200 });
    expect(await dribble(connectRaw(http), 'GET /healthz HTTP/1.1\r\nhost: x\r\n', 'x-more: x\r\n')).toContain(
      ' 408 Request Timeout',
    );
  });

  test.each([
    [
      'an operation',
      () => `authorization: Bearer ${apiKey}\r\n`,
      '/graphql',
      /^HTTP\/1.1 408 .*"code":"INVALID_INPUT"/s,
    ],
    ['an operation without a key', () => '', '/graphql', /^HTTP\/1.1 401 /],
    ['something that is not there', () => '', '/nothing', /^HTTP\/1.1 404 /],
  ])('that dribbles the body of %s is cut off, answered', async (_, authorization, path, answer) => {
    const http = await serveForTest({ bodyMs: 300 });
    const head = `POST ${path} HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\ncontent-length: 100000\r\n`;
    expect(await dribble(connectRaw(http), `${head}${authorization()}\r\n`, ' ')).toMatch(answer);
  });

  /** A PUT of so many bytes that has sent its head, and what it is answered. */
  function beginUpload(http: HttpServer, link: string, length: number): { socket: Socket; answer: Promise<string> } {
    const socket = connectRaw(http);
    let text = '';
    socket.setEncoding('utf8').on('data', (more: string) => (text += more));
    const answer = closing(socket).then(() => text);
    socket.write(`PUT ${link} HTTP/1.1\r\nhost: x\r\nconnection: close\r\ncontent-length: ${length}\r\n\r\n`);
    return { socket, answer };
  }

  test('that sends a file for longer than any other body may take is not refused', async () => {
    const http = await serveForTest({ bodyMs: 200 });
    const { socket, answer } = beginUpload(http, await createUploadLink(), 6);
    socket.write('abc');
    // An operation that began later is refused: so the time of the file is over, too.
    const head = 'POST /graphql HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\ncontent-length: 100000\r\n';
    await dribble(connectRaw(http), `${head}authorization: Bearer ${apiKey}\r\n\r\n`, ' ');
    socket.write('def');
    expect(await answer).toMatch(/^HTTP\/1.1 201 .*"byteSize":6/s);
  });

  test('whose file stands still is cut off, while a slow one goes on; behind what came it is sent again', async () => {
    const http = await serveForTest({ silenceMs: 2_000 });
    const link = await createUploadLink();
    const still = beginUpload(http, link, 6);
    still.socket.write('abc');
    const slow = beginUpload(http, await createUploadLink(), 100_000);
    let left = 100_000;
    const timer = setInterval(() => {
      slow.socket.write('x');
      left -= 1;
    }, 20);
    expect(await still.answer).toBe('');
    clearInterval(timer);
    slow.socket.write('x'.repeat(left));
    expect(await slow.answer).toMatch(/^HTTP\/1.1 201 .*"byteSize":100000/s);
    const there = await fetch(`${http.url()}${link}`, { method: 'HEAD' });
    expect(there.headers.get('upload-offset')).toBe('3');
    const rest = await fetch(`${http.url()}${link}`, {
      method: 'PUT',
      headers: { 'content-range': 'bytes 3-5/6' },
      body: 'def',
    });
    expect([rest.status, await rest.json()]).toMatchObject([201, { byteSize: 6 }]);
  });

  test('that stops reading a download is cut off, and next to nothing of the file waits for it in memory', async () => {
    const http = await serveForTest({ silenceMs: 500 });
    const { services } = engine;
    const job = await engine.submit();
    const now = new Date();
    const row = { id: newId(), attempt: 1 };
    const size = 64 * 2 ** 20;
    const stored = await services.storage.put(exportFileKey(row), Readable.from(pieces(size)), { maxBytes: size });
    await services.database.em().insert(ExportEntity, {
      ...row,
      jobId: job.id,
      projectId: job.projectId,
      format: 'JSONL',
      content: 'ITEMS',
      state: 'COMPLETED',
      fileName: 'items.jsonl',
      byteSize: stored.byteSize,
      sha256: stored.sha256,
      createdAt: now,
      expiresAt: new Date(now.getTime() + 3_600_000),
    });
    const found = await services.database.em().findOneOrFail(ExportEntity, { id: row.id });
    const link = new URL(services.exports.downloadUrl(found) ?? '');
    const accepted = once(http.server, 'connection');
    const reader = connectRaw(http).pause();
    const [connection] = await accepted;
    const cutOff = once(connection, 'close');
    reader.write(`GET ${link.pathname}${link.search} HTTP/1.1\r\nhost: x\r\n\r\n`);
    await cutOff;
    // What the operating system took, and our buffer.
    expect(connection.bytesWritten).toBeGreaterThan(0);
    expect(connection.bytesWritten).toBeLessThan(20 * 2 ** 20);
  });
});

/** Settles when the connection is closed, however that came about. */
function closing(socket: Socket): Promise<void> {
  socket.on('error', () => undefined);
  return new Promise((resolve) => socket.once('close', () => resolve()));
}

function* pieces(size: number): Generator<Buffer> {
  const piece = Buffer.alloc(2 ** 20, 'x');
  for (let at = 0; at < size; at += piece.length) yield piece;
}

describe('A server that closes', () => {
  /** An operation that is in flight: its body is not whole yet. */
  async function beginOperation(http: HttpServer): Promise<{ socket: Socket; rest: string; answer: Promise<string> }> {
    const body = JSON.stringify({ query: '{ __typename }' });
    const socket = createConnection(Number(new URL(http.url()).port), '127.0.0.1');
    onTestFinished(() => void socket.destroy());
    const begun = once(http.server, 'request');
    let text = '';
    socket.setEncoding('utf8').on('data', (more: string) => (text += more));
    const answer = closing(socket).then(() => text);
    socket.write(
      `POST /graphql HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\nauthorization: Bearer ${apiKey}\r\n` +
        `content-length: ${body.length}\r\n\r\n${body.slice(0, 5)}`,
    );
    await begun;
    return { socket, rest: body.slice(5), answer };
  }

  test('finishes what is in flight, says 1001 to sockets, and takes nothing new', async () => {
    const http = await serve({ closeMs: 60_000 });
    const socket = new WebSocket(`${http.url().replace('http', 'ws')}/graphql`, 'graphql-transport-ws');
    await once(socket, 'open');
    const said = once(socket, 'close');
    const operation = await beginOperation(http);
    const url = http.url();
    const closed = http.close();
    expect((await said)[0]).toBe(1001);
    await expect(fetch(`${url}/healthz`)).rejects.toThrow('fetch failed');
    operation.socket.write(operation.rest);
    expect(await operation.answer).toContain('{"data":{"__typename":"Query"}}');
    await closed;
  });

  test('cuts off at its deadline who does not end', async () => {
    const http = await serve({ closeMs: 300 });
    const operation = await beginOperation(http);
    const deaf = new WebSocket(`${http.url().replace('http', 'ws')}/graphql`, 'graphql-transport-ws');
    await once(deaf, 'open');
    deaf.pause();
    onTestFinished(() => deaf.terminate());
    await http.close();
    expect(await operation.answer).toBe('');
  });
});

test.each([
  ['a body that is no JSON', { 'content-type': 'text/plain' }, 415, 'The body must be JSON'],
  ['a wish for an answer that there is none of', { accept: 'image/png' }, 406, 'The header Accept allows no answer'],
])('%s is refused with words', async (_, headers, status, message) => {
  const response = await post({ query: '{ __typename }' }, headers);
  const { errors } = (await response.json()) as { errors: { message: string }[] };
  expect([response.status, response.headers.get('content-type'), errors[0]?.message]).toEqual([
    status,
    'application/json; charset=utf-8',
    expect.stringContaining(message),
  ]);
});
