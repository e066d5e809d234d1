import { once } from 'node:events';
import { createConnection } from 'node:net';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { generateApiKey } from '../../src/access/api-key.ts';
import { openDatabase } from '../../src/database/database.ts';
import { createHttpServer } from '../../src/http/server.ts';
import { parseLog, startFeedServer, type FeedServer } from '../support/feed-server.ts';
import { appendEntries, completeJob, insertRunningJob } from '../support/journal.ts';
import { testSecret } from '../support/secret.ts';
import { waitFor } from '../support/wait-for.ts';

let server: FeedServer;
beforeAll(async () => {
  server = await startFeedServer({ limits: { bodyBytes: 50_000, silenceMs: 2_000, closeMs: 1_000, keepAliveMs: 500 } });
});
afterAll(() => server.close());

function authorized(headers: Record<string, string> = {}): Record<string, string> {
  return { 'content-type': 'application/json', authorization: `Bearer ${server.apiKey}`, ...headers };
}

function post(query: string, headers = authorized(), variables = {}): Promise<Response> {
  return fetch(`${server.url}/graphql`, { method: 'POST', headers, body: JSON.stringify({ query, variables }) });
}

function follow(query: string, signal?: AbortSignal): Promise<Response> {
  const body = JSON.stringify({ query });
  const headers = authorized({ accept: 'text/event-stream' });
  return fetch(`${server.url}/graphql`, { method: 'POST', headers, body, signal: signal ?? null });
}

test('a query with a key is answered under the request id that the client chose', async () => {
  const response = await post('{ projectName }', authorized({ 'x-request-id': 'my-request.1' }));
  expect(await response.json()).toEqual({ data: { projectName: 'test' } });
  expect(response.headers.get('x-request-id')).toBe('my-request.1');
});

test.each([
  ['no key', {}],
  ['an unknown key', { authorization: `Bearer ${generateApiKey()}` }],
])('a request with %s is answered 401, by POST and as a stream', async (_, headers) => {
  for (const accept of ['application/json', 'text/event-stream']) {
    const response = await post('{ projectName }', { 'content-type': 'application/json', accept, ...headers });
    expect(response.status).toBe(401);
    expect(response.headers.get('www-authenticate')).toContain('Bearer');
    expect(await response.json()).toMatchObject({
      errors: [{ message: expect.any(String), extensions: { code: 'UNAUTHENTICATED' } }],
    });
  }
});

test('a refusal carries its code; a bug is masked, and logged once under the id that the client got', async () => {
  const requestId = 'masked-1';
  const response = await post('{ missing broken }', authorized({ 'x-request-id': requestId }));
  expect(await response.json()).toEqual({
    data: { missing: null, broken: null },
    errors: [
      {
        message: 'There is no such thing.',
        path: ['missing'],
        locations: [{ line: 1, column: 3 }],
        extensions: { code: 'NOT_FOUND', requestId },
      },
      {
        message: `Something went wrong on our side. Quote request id ${requestId}.`,
        path: ['broken'],
        locations: [{ line: 1, column: 11 }],
        extensions: { code: 'INTERNAL_ERROR', requestId },
      },
    ],
  });
  const lines = parseLog(server.logged).filter((line) => line['request_id'] === requestId);
  expect(lines).toEqual([
    expect.objectContaining({ event: 'request.failed', path: 'broken', msg: 'password=hunter2' }),
  ]);
});

test('an outage of the database is a 503 when it leaves no data, and an error beside the data otherwise', async () => {
  const outage = { extensions: { code: 'UNAVAILABLE', retryAfterMs: 1_000 } };
  const partly = await post('{ projectName away }');
  expect(await partly.json()).toMatchObject({ data: { projectName: 'test', away: null }, errors: [outage] });
  expect([partly.status, partly.headers.get('retry-after')]).toEqual([200, null]);
  for (const accept of ['application/json', 'application/graphql-response+json', 'text/event-stream']) {
    const wholly = await post('{ projectName awayOnly }', authorized({ accept }));
    expect(await wholly.text()).toContain('"code":"UNAVAILABLE"');
    expect([wholly.status, wholly.headers.get('retry-after')]).toEqual([503, '1']);
  }
});

test.each([
  ['{ projectName', 'Syntax Error: Expected Name, found <EOF>.'],
  ['{ nothing }', 'Cannot query field "nothing" on type "Query".'],
  ['{ on(day: "x") }', 'Expected value of type "Day", found "x"; x is no day.'],
  ['query ($day: Day) { on(day: $day) }', 'Variable "$day" got invalid value "x"; Expected type "Day". x is no day.'],
])('what is wrong with the request %j is said as it is', async (query, message) => {
  const response = await post(query, authorized(), { day: 'x' });
  expect(await response.json()).toMatchObject({ errors: [{ message }] });
});

test('other origins get no permission to read', async () => {
  const origin = 'https://evil.example';
  const answers = [
    await post('{ projectName }', authorized({ origin })),
    await fetch(`${server.url}/graphql`, {
      method: 'OPTIONS',
      headers: { origin, 'access-control-request-method': 'POST', 'access-control-request-headers': 'authorization' },
    }),
  ];
  for (const { headers } of answers) {
    expect([...headers.keys()].filter((name) => name.startsWith('access-control'))).toEqual([]);
  }
});

test('a body that is too large, and a mutation by GET, are refused', async () => {
  expect(
    (await post('query($text: String) { echo(text: $text) }', authorized(), { text: 'x'.repeat(60_000) })).status,
  ).toBe(413);
  const mutation = await fetch(`${server.url}/graphql?query=mutation{touch}`, { headers: authorized() });
  expect(mutation.status).toBe(405);
});

test('P1, P3: a subscription by server-sent events replays, follows, and says when it is complete', async () => {
  const jobId = await insertRunningJob(server.db.database, server.viewer);
  await appendEntries(server.db.database, jobId, 2);
  const response = await follow(`subscription { jobEvents(jobId: "${jobId}", afterSequence: 1) { sequence type } }`);
  expect(response.headers.get('content-type')).toBe('text/event-stream');
  await completeJob(server.db.database, jobId);
  const events = (await response.text()).split('\n\n').filter((event) => event.startsWith('event:'));
  expect(events.map((event) => event.replace('event: next\ndata: ', ''))).toEqual([
    '{"data":{"jobEvents":{"sequence":2,"type":"StageStarted"}}}',
    '{"data":{"jobEvents":{"sequence":3,"type":"JobStateChanged"}}}',
    '{"data":{"jobEvents":{"sequence":4,"type":"JobStateChanged"}}}',
    'event: complete\ndata:',
  ]);
});

test('P7: a stream of a job that is not there ends with a typed error', async () => {
  const response = await follow('subscription { jobEvents(jobId: "nothing") { sequence } }');
  expect(await response.text()).toMatch(
    /data: \{"errors":\[\{"message":"There is no job nothing\.".*"code":"NOT_FOUND".*\n\nevent: complete/s,
  );
});

test('a reader of a quiet stream who leaves is let go', async () => {
  const jobId = await insertRunningJob(server.db.database, server.viewer);
  const left = new AbortController();
  const response = await follow(`subscription { jobEvents(jobId: "${jobId}") { sequence } }`, left.signal);
  await waitFor(() => server.feed.size === 1);
  left.abort();
  await expect(response.text()).rejects.toThrow('aborted');
  await waitFor(() => server.feed.size === 0);
});

test('P5: a reader of a stream that stops reading is given no more, and cut off', async () => {
  const before = server.flooded();
  const body = JSON.stringify({ query: 'subscription { flood }' });
  const accepted = once(server.http.server, 'connection');
  const reader = createConnection(Number(new URL(server.url).port), '127.0.0.1').pause();
  const [connection] = await accepted;
  const cutOff = once(connection, 'close');
  reader.write(
    `POST /graphql HTTP/1.1\r\nhost: localhost\r\ncontent-type: application/json\r\naccept: text/event-stream\r\n` +
      `authorization: Bearer ${server.apiKey}\r\ncontent-length: ${body.length}\r\n\r\n${body}`,
  );
  await cutOff;
  const produced = server.flooded();
  expect(produced).toBeGreaterThan(before);
  // The operating system's two buffers, and next to nothing of ours.
  expect((produced - before) * 50_000).toBeLessThan(20_000_000);
  await post('{ projectName }');
  expect(server.flooded()).toBe(produced);
  reader.destroy();
});

test('files go to their handlers, whose refusals become statuses', async () => {
  const upload = await fetch(`${server.url}/uploads/1?signature=x`, { method: 'PUT', body: 'x' });
  expect(await upload.text()).toBe('received /uploads/1');
  const download = await fetch(`${server.url}/exports/1/file.csv`);
  expect(download.status).toBe(404);
  expect(await download.json()).toMatchObject({
    errors: [{ message: 'There is no such export.', extensions: { code: 'NOT_FOUND' } }],
  });
  expect((await fetch(`${server.url}/uploads/1`)).headers.get('allow')).toBe('PUT, HEAD');
  expect((await fetch(`${server.url}/exports/1`, { method: 'POST' })).status).toBe(405);
});

test('the rest of the URLs: health, a redirect for browsers, and nothing else', async () => {
  expect(await (await fetch(`${server.url}/healthz`)).json()).toEqual({ status: 'alive' });
  const ready = await fetch(`${server.url}/readyz`);
  expect([ready.status, await ready.json()]).toEqual([
    200,
    { status: 'ready', postgres: 'up', schema: 'migrated', temporal: 'unknown' },
  ]);
  const redirect = await fetch(server.url, { redirect: 'manual', headers: { accept: 'text/html' } });
  expect([redirect.status, redirect.headers.get('location')]).toEqual([302, '/graphql']);
  const nothing = await fetch(`${server.url}/nothing`);
  expect([nothing.status, await nothing.json()]).toMatchObject([
    404,
    { errors: [{ extensions: { code: 'NOT_FOUND' } }] },
  ]);
});

test('without Postgres the server lives, is not ready, and asks clients to try again', async () => {
  const database = await openDatabase('postgres://nobody:none@127.0.0.1:1/none');
  const { schema } = server;
  const { log } = server;
  const http = createHttpServer({
    config: { host: '127.0.0.1', port: 0, secret: testSecret, jwt: null },
    services: {
      uploads: { receive: async () => undefined },
      exports: { download: async () => undefined },
      itemFiles: { download: async () => undefined },
    },
    database,
    log,
    schema,
    isTemporalReachable: () => Promise.resolve(false),
  });
  await http.listen();
  expect((await fetch(`${http.url()}/healthz`)).status).toBe(200);
  const ready = await fetch(`${http.url()}/readyz`);
  expect([ready.status, await ready.json()]).toEqual([
    503,
    { status: 'not ready', postgres: 'down', schema: 'unknown', temporal: 'down' },
  ]);
  const query = await fetch(`${http.url()}/graphql?query={projectName}`, { headers: authorized() });
  expect([query.status, query.headers.get('retry-after')]).toEqual([503, '1']);
  await http.close();
  await database.close();
});

test('a key that is revoked ends its streams, without saying that they are complete', async () => {
  const { pool } = server.db.database;
  const jobId = await insertRunningJob(server.db.database, server.viewer);
  const response = await follow(`subscription { jobEvents(jobId: "${jobId}") { sequence } }`);
  const outcome = response.text().catch(String);
  await pool.query('update api_keys set revoked_at = now()');
  expect(await outcome).toBe('TypeError: terminated');
  expect((await post('{ projectName }')).status).toBe(401);
  await pool.query('update api_keys set revoked_at = null');
  await waitFor(() => server.feed.size === 0);
});

test('P8: a server that closes breaks its streams off without saying that they are complete', async () => {
  const closing = await startFeedServer({ limits: { closeMs: 60_000 } });
  const jobId = await insertRunningJob(closing.db.database, closing.viewer);
  const response = await fetch(`${closing.url}/graphql`, {
    method: 'POST',
    headers: {
      'content-type': 'application/json',
      accept: 'text/event-stream',
      authorization: `Bearer ${closing.apiKey}`,
    },
    body: JSON.stringify({ query: `subscription { jobEvents(jobId: "${jobId}") { sequence } }` }),
  });
  const outcome = response.text().catch(String);
  await waitFor(() => closing.feed.size === 1);
  await closing.close();
  expect(await outcome).toBe('TypeError: terminated');
});
