import { once } from 'node:events';
import { createClient, type Client } from 'graphql-ws';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { WebSocket } from 'ws';
import { createAccess, type Access } from '../../src/access/access.ts';
import { createApiKey } from '../../src/access/create-api-key.ts';
import { startFeedServer, type FeedServer } from '../support/feed-server.ts';
import { appendEntries, insertRunningJob } from '../support/journal.ts';
import { testJwt, testSecret, signUserToken } from '../support/secret.ts';
import { waitFor } from '../support/wait-for.ts';

let server: FeedServer;
let access: Access;
let jobId: string;
const clients: Client[] = [];
let leaving = new AbortController();

beforeAll(async () => {
  server = await startFeedServer({ limits: { keepAliveMs: 200 }, jwt: testJwt });
  access = createAccess({ database: server.db.database, config: { secret: testSecret } });
  jobId = await insertRunningJob(server.db.database, server.viewer);
  await appendEntries(server.db.database, jobId, 1);
});
afterEach(async () => {
  leaving.abort();
  leaving = new AbortController();
  for (const client of clients.splice(0)) await client.dispose();
  await waitFor(() => server.feed.size === 0, { description: 'all readers to be let go' });
});
afterAll(() => server.close());

const query = () => `subscription { jobEvents(jobId: "${jobId}") { sequence } }`;

/** A socket and a stream that have got their first entry; how each of them ended. */
async function follow(token: string): Promise<{ socket: Promise<string>; stream: Promise<string> }> {
  const client = createClient({
    url: `${server.url.replace('http', 'ws')}/graphql`,
    webSocketImpl: WebSocket,
    connectionParams: { authorization: `Bearer ${token}` },
    retryAttempts: 0,
  });
  clients.push(client);
  const closed = new Promise<string>((resolve) => {
    client.on('closed', (event) => {
      const { code, reason } = event as { code: number; reason: string }; // The event of a closed WebSocket.
      resolve(`${code} ${reason}`);
    });
  });
  const entries = client.iterate({ query: query() });
  expect((await entries.next()).done).toBe(false);
  // It breaks off when the socket closes, which `closed` tells.
  entries.next().catch(() => undefined);
  const response = await fetch(`${server.url}/graphql`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', accept: 'text/event-stream', authorization: `Bearer ${token}` },
    body: JSON.stringify({ query: query() }),
    signal: leaving.signal,
  });
  if (response.status !== 200) throw new Error(`The stream was answered ${response.status}.`);
  return { socket: closed, stream: response.text().catch(String) };
}

async function statusOf(token: string): Promise<number> {
  const response = await fetch(`${server.url}/graphql`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', authorization: `Bearer ${token}` },
    body: JSON.stringify({ query: '{ projectName }' }),
  });
  await response.text();
  return response.status;
}

const inSeconds = (seconds: number) => new Date(Date.now() + seconds * 1_000);

/** Credentials that were good when they were used, and how what they opened ended. On a busy machine they get more time. */
async function followWhileGood(make: (seconds: number) => Promise<string>, seconds = 2): ReturnType<typeof follow> {
  try {
    return await follow(await make(seconds));
  } catch (error) {
    if (seconds > 60) throw error;
    return await followWhileGood(make, seconds * 2);
  }
}

test('sockets and streams end when their key or follow token expires, and not as if the job were over; others stay', async () => {
  const { projectId } = server.viewer;
  const makeKey = async (seconds: number) =>
    (await createApiKey(server.db.database, { projectId, name: 'brief', expiresAt: inSeconds(seconds) })).key;
  const makeToken = async (seconds: number) =>
    (await access.createFollowToken(server.viewer, { jobId, expiresInSeconds: seconds })).token;
  // In years: more than a timer holds.
  const lasting = await follow(await makeKey(1e8));
  for (const make of [makeKey, makeToken]) {
    let used = '';
    const { socket, stream } = await followWhileGood(async (seconds) => (used = await make(seconds)));
    expect(await socket).toBe('4403 Forbidden: The credentials have expired.');
    expect(await stream).toBe('TypeError: terminated');
    expect(await statusOf(used)).toBe(401);
  }
  expect(await Promise.race([lasting.socket, lasting.stream, Promise.resolve('open')])).toBe('open');
});

test('sockets and streams end when the user leaves the project or may do less, and when the key behind a follow token is revoked', async () => {
  const { database } = server.db;
  const { projectId } = server.viewer;
  const users = { leaves: 'user|leaves', sinks: 'user|sinks', stays: 'user|stays' };
  for (const userId of Object.values(users)) {
    await access.addProjectMember(server.viewer, { userId, name: null, role: 'OPERATOR' });
  }
  const backend = await createApiKey(database, { projectId, name: 'backend', scopes: ['READ'] });
  const caller = { kind: 'API_KEY', id: backend.apiKey.id, name: 'backend' } as const;
  const { token } = await access.createFollowToken({ ...server.viewer, caller }, { jobId, expiresInSeconds: 600 });
  const leaves = await follow(await signUserToken(users.leaves));
  const sinks = await follow(await signUserToken(users.sinks));
  const stays = await follow(await signUserToken(users.stays));
  const follower = await follow(token);

  await access.removeProjectMember(server.viewer, users.leaves);
  await access.addProjectMember(server.viewer, { userId: users.sinks, name: null, role: 'VIEWER' });
  await access.revokeApiKey(server.viewer, backend.apiKey.id);
  expect(await leaves.socket).toBe('4403 Forbidden: The user "user|leaves" is a member of no project.');
  expect(await sinks.socket).toBe('4403 Forbidden: These credentials allow less than before.');
  expect(await follower.socket).toContain('4403 Forbidden: This follow token has ended');
  for (const { stream } of [leaves, sinks, follower]) expect(await stream).toBe('TypeError: terminated');
  expect(await Promise.race([stays.socket, stays.stream, Promise.resolve('open')])).toBe('open');
});

test('a socket says its project as its parameter, a request by its header', async () => {
  const token = await signUserToken('user|two');
  const { projectId } = server.viewer;
  await access.addProjectMember(server.viewer, { userId: 'user|two', name: null, role: 'VIEWER' });
  for (const [project, outcome] of [
    [projectId, 'connection_ack'],
    ['absent', 4403],
  ] as const) {
    const socket = new WebSocket(`${server.url.replace('http', 'ws')}/graphql`, 'graphql-transport-ws');
    await once(socket, 'open');
    const answered = Promise.race([once(socket, 'message'), once(socket, 'close')]);
    socket.send(JSON.stringify({ type: 'connection_init', payload: { authorization: `Bearer ${token}`, project } }));
    const [first] = await answered;
    expect(Buffer.isBuffer(first) ? (JSON.parse(first.toString()) as { type: string }).type : first).toBe(outcome);
    socket.terminate();
    const response = await fetch(`${server.url}/graphql`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', authorization: `Bearer ${token}`, 'longhaul-project': project },
      body: JSON.stringify({ query: '{ projectName }' }),
    });
    expect(response.status).toBe(outcome === 4403 ? 403 : 200);
    await response.text();
  }
});
