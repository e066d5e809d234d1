import { once } from 'node:events';
import { connect as openTcp } from 'node:net';
import { createClient, type Client } from 'graphql-ws';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { WebSocket } from 'ws';
import { generateApiKey } from '../../src/access/api-key.ts';
import { startFeedServer, type FeedServer } from '../support/feed-server.ts';
import { followJob } from '../support/follow-job.ts';
import { createTestClient, type TestClient } from '../support/graphql-client.ts';
import { appendEntries, completeJob, insertRunningJob } from '../support/journal.ts';
import { waitFor } from '../support/wait-for.ts';

let server: FeedServer;
const clients: { close(): Promise<void> }[] = [];

beforeAll(async () => {
  server = await startFeedServer({
    limits: { keepAliveMs: 500, operationsPerSocket: 5, socketsPerKey: 20, messageBytes: 10_000 },
  });
});
afterAll(() => server.close());
afterEach(async () => {
  await Promise.all(clients.splice(0).map((client) => client.close()));
  await waitFor(() => server.feed.size === 0, { description: 'all readers to be let go' });
});

function connect(apiKey: string | null = server.apiKey): TestClient {
  const client = createTestClient({ url: `${server.url}/graphql`, apiKey });
  clients.push(client);
  return client;
}

function connectRaw(protocol: string | string[] = 'graphql-transport-ws'): WebSocket {
  const socket = new WebSocket(`${server.url.replace('http', 'ws')}/graphql`, protocol);
  clients.push({ close: async () => socket.terminate() });
  return socket;
}

function upTo(last: number): number[] {
  return Array.from({ length: last }, (_, index) => index + 1);
}

test('P2: fifty sockets are cut while the job goes on, and every entry comes once, in order', async () => {
  const { database } = server.db;
  const jobId = await insertRunningJob(database, server.viewer);
  const client: Client = createClient({
    url: `${server.url.replace('http', 'ws')}/graphql`,
    webSocketImpl: WebSocket,
    connectionParams: { authorization: `Bearer ${server.apiKey}` },
    retryAttempts: 0,
  });
  clients.push({ close: async () => client.dispose() });
  let opened = 0;
  client.on('connected', () => (opened += 1));

  const cuts = 50;
  const writing = (async () => {
    // Entries as long as there are cuts to come, so that each of them falls between two entries.
    for (let round = 0; opened <= cuts; round += 1) await appendEntries(database, jobId, 7);
    await completeJob(database, jobId);
  })();
  const seen: number[] = [];
  for await (const entry of followJob(client, jobId)) {
    seen.push(entry.sequence);
    if (opened <= cuts && seen.length % 5 === 0) client.terminate();
  }
  await writing;

  const { rows } = await database.pool.query<{ last: string }>('select last_sequence as last from jobs where id = $1', [
    jobId,
  ]);
  expect(seen).toEqual(upTo(Number(rows[0]?.last)));
  expect(opened).toBeGreaterThan(cuts);
});

test('P2: many readers of many jobs on one socket each get their own journal', async () => {
  const { database } = server.db;
  const jobs = await Promise.all(upTo(5).map(() => insertRunningJob(database, server.viewer)));
  const client = connect();
  const reading = jobs.map((jobId) =>
    client
      .subscribe<{ jobEvents: { sequence: number } }>(`subscription { jobEvents(jobId: "${jobId}") { sequence } }`)
      .all(),
  );
  await Promise.all(
    jobs.map((jobId, index) =>
      appendEntries(database, jobId, 10 * (index + 1)).then(() => completeJob(database, jobId)),
    ),
  );
  const journals = await Promise.all(reading);
  expect(journals.map((events) => events.map((event) => event.jobEvents.sequence))).toEqual(
    [12, 22, 32, 42, 52].map(upTo),
  );
});

test('progress on a socket ends with the final state', async () => {
  const { database } = server.db;
  const jobId = await insertRunningJob(database, server.viewer);
  const progress = connect().subscribe<{ jobProgress: { state: string } }>(
    `subscription { jobProgress(jobId: "${jobId}") { state } }`,
  );
  expect(await progress.next()).toEqual({ jobProgress: { state: 'RUNNING' } });
  await completeJob(database, jobId);
  expect((await progress.all()).at(-1)).toEqual({ jobProgress: { state: 'COMPLETED' } });
});

test('a syntax error, an unknown field and a refusal answer their operation and leave the socket open', async () => {
  const client = connect();
  const jobId = await insertRunningJob(server.db.database, server.viewer);
  const open = client.subscribe<{ jobEvents: { sequence: number } }>(
    `subscription { jobEvents(jobId: "${jobId}") { sequence } }`,
  );
  const first = open.next();
  await expect(client.subscribe('subscription { jobEvents(').next()).rejects.toThrow(
    'Syntax Error: Expected Name, found <EOF>.',
  );
  await expect(client.subscribe('subscription { nothing }').next()).rejects.toThrow('Cannot query field');
  await expect(client.subscribe('subscription { jobEvents(jobId: "x") { sequence } }').next()).rejects.toThrow(
    'There is no job x.',
  );
  await appendEntries(server.db.database, jobId, 1);
  expect(await first).toEqual({ jobEvents: { sequence: 1 } });
  await open.return();
});

test('a stream that breaks ends with a masked error, and the socket stays open', async () => {
  const client = connect();
  const stream = client.subscribe('subscription { brokenStream }');
  expect(await stream.next()).toEqual({ brokenStream: 1 });
  await expect(stream.next()).rejects.toThrow(/Something went wrong on our side\. Quote request id [\w-]+/);
  expect(await client.subscribe('query { projectName }').next()).toEqual({ projectName: 'test' });
});

test.each([
  ['no key', {}, /Forbidden: Send an API key/],
  ['an unknown key', { authorization: `Bearer ${generateApiKey()}` }, /Forbidden: This API key is not known/],
])('a socket with %s is closed with 4403', async (_, payload, reason) => {
  const socket = connectRaw();
  await once(socket, 'open');
  socket.send(JSON.stringify({ type: 'connection_init', payload }));
  const [code, text] = await once(socket, 'close');
  expect(code).toBe(4403);
  expect(String(text)).toMatch(reason);
});

test('the sub-protocol is kept: no subscribing before the handshake, no other protocol, no huge message', async () => {
  const early = connectRaw();
  await once(early, 'open');
  early.send(JSON.stringify({ id: '1', type: 'subscribe', payload: { query: '{ projectName }' } }));
  expect((await once(early, 'close'))[0]).toBe(4401);

  const huge = connectRaw();
  await once(huge, 'open');
  huge.send('x'.repeat(20_000));
  expect((await once(huge, 'close'))[0]).toBe(1009);

  const [error] = await once(connectRaw('graphql-ws'), 'error');
  expect(String(error)).toContain('sent no subprotocol');
});

test('a socket carries a bounded number of operations', async () => {
  const client = connect();
  const jobId = await insertRunningJob(server.db.database, server.viewer);
  const document = `subscription { jobEvents(jobId: "${jobId}") { sequence } }`;
  const open = upTo(5).map(() => client.subscribe(document));
  const first = open.map((events) => events.next());
  await expect(client.subscribe(document).next()).rejects.toThrow('LIMIT_EXCEEDED');
  await appendEntries(server.db.database, jobId, 1);
  await Promise.all(first);
  await Promise.all(open.map((events) => events.return()));
});

test('a key has a bounded number of sockets, and a closed one makes room', async () => {
  const jobId = await insertRunningJob(server.db.database, server.viewer);
  await appendEntries(server.db.database, jobId, 1);
  const document = `subscription { jobEvents(jobId: "${jobId}") { sequence } }`;
  const opened = upTo(20).map(() => connect());
  await Promise.all(opened.map((client) => client.subscribe(document).next()));
  await expect(connect().subscribe(document).next()).rejects.toThrow('closed with 1013');
  opened[0]?.cut();
  const isFree = () =>
    connect()
      .subscribe(document)
      .next()
      .then(
        () => true,
        () => false,
      );
  await waitFor(isFree, { description: 'a socket to be free' });
});

test('P5: a client that stops reading is given no more, holds nobody else, and is cut off', async () => {
  const before = server.flooded();
  const accepted = once(server.http.server, 'connection');
  const stopped = connectRaw();
  await once(stopped, 'open');
  const [connection] = await accepted;
  const cutOff = once(connection, 'close');
  stopped.send(JSON.stringify({ type: 'connection_init', payload: { authorization: `Bearer ${server.apiKey}` } }));
  await once(stopped, 'message');
  stopped.send(JSON.stringify({ id: '1', type: 'subscribe', payload: { query: 'subscription { flood }' } }));
  stopped.pause();

  const jobId = await insertRunningJob(server.db.database, server.viewer);
  const other = connect().subscribe<{ jobEvents: { sequence: number } }>(
    `subscription { jobEvents(jobId: "${jobId}") { sequence } }`,
  );
  await appendEntries(server.db.database, jobId, 3);
  await completeJob(server.db.database, jobId);
  expect((await other.all()).map((event) => event.jobEvents.sequence)).toEqual(upTo(5));

  await cutOff;
  const produced = server.flooded();
  expect(produced).toBeGreaterThan(before);
  // The operating system's two buffers, and next to nothing of ours.
  expect((produced - before) * 50_000).toBeLessThan(20_000_000);
  await connect().subscribe('query { projectName }').next();
  expect(server.flooded()).toBe(produced);
});

test('a key that is revoked ends its sockets', async () => {
  const client = connect();
  expect(await client.subscribe('query { projectName }').next()).toEqual({ projectName: 'test' });
  const jobId = await insertRunningJob(server.db.database, server.viewer);
  const waiting = client.subscribe(`subscription { jobEvents(jobId: "${jobId}") { sequence } }`).next();
  const outcome = waiting.then(() => 'an entry', String);
  await server.db.database.pool.query('update api_keys set revoked_at = now()');
  expect(await outcome).toContain('closed with 4403');
  await server.db.database.pool.query('update api_keys set revoked_at = null');
});

test('P8: a server that closes sends 1001, so that clients come back', async () => {
  const closing = await startFeedServer();
  const socket = new WebSocket(`${closing.url.replace('http', 'ws')}/graphql`, 'graphql-transport-ws');
  await once(socket, 'open');
  const closed = once(socket, 'close');
  await closing.close();
  expect((await closed)[0]).toBe(1001);
});

test('P8: a server that closes takes no socket that is only half opened, and does not wait for it', async () => {
  const closing = await startFeedServer({ limits: { closeMs: 1_000 } });
  const deaf = new WebSocket(`${closing.url.replace('http', 'ws')}/graphql`, 'graphql-transport-ws');
  await once(deaf, 'open');
  // Its goodbye is waited for.
  deaf.pause();
  const { hostname, port } = new URL(closing.url);
  const late = openTcp(Number(port), hostname).setEncoding('utf8');
  late.write('GET /graphql HTTP/1.1\r\n');
  // What came before on this connection has been read once a later request is answered.
  await fetch(`${closing.url}/healthz`);
  const closed = closing.close();
  late.write(
    `host: x\r\nconnection: upgrade\r\nupgrade: websocket\r\nsec-websocket-version: 13\r\nsec-websocket-key: ${'A'.repeat(22)}==\r\nsec-websocket-protocol: graphql-transport-ws\r\n\r\n`,
  );
  const [answer] = await once(late, 'data');
  expect(answer).toMatch(/^HTTP\/1.1 503 /);
  await closed;
  deaf.terminate();
});
