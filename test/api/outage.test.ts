import { afterAll, beforeAll, expect, test } from 'vitest';
import { openDatabase } from '../../src/database/database.ts';
import { migrate } from '../../src/database/migrations.ts';
import { startTestApi, type TestApi } from '../support/api.ts';
import { startTestPostgres, type TestPostgres } from '../support/servers.ts';
import { waitFor } from '../support/wait-for.ts';

let postgres: TestPostgres;
let api: TestApi;
let jobId: string;

beforeAll(async () => {
  postgres = await startTestPostgres({ info: () => undefined, warn: () => undefined });
  const database = await openDatabase(postgres.address);
  await migrate(database);
  api = await startTestApi({ database, url: postgres.address, close: () => database.close() });
  ({ id: jobId } = await api.engine.submit({}, 1));
});
afterAll(async () => {
  await api.close();
  await postgres.stop();
});

const unavailable = {
  message: 'The database cannot be reached in this moment. Try again.',
  extensions: { code: 'UNAVAILABLE', retryAfterMs: 1_000, requestId: expect.any(String) },
};

const post = (query: string, accept = 'application/json') =>
  fetch(`${api.url}/graphql`, {
    method: 'POST',
    headers: { accept, authorization: `Bearer ${api.apiKey}`, 'content-type': 'application/json' },
    body: JSON.stringify({ query }),
  });

test('while Postgres is away every transport says so, and when it is back so are the answers', async () => {
  const query = '{ jobs { nodes { id } } }';
  const mutation = `mutation { pauseJob(input: { jobId: "${jobId}" }) { __typename ... on Error { code } } }`;
  const subscription = `subscription { jobEvents(jobId: "${jobId}") { sequence } }`;
  // The socket is known from before: a new one would be told to try again later.
  expect(await api.client.subscribe(subscription).next()).toEqual({ jobEvents: { sequence: '1' } });

  await postgres.goAway();
  for (const operation of [query, mutation]) {
    const response = await post(operation);
    expect(await response.json()).toMatchObject({ errors: [unavailable] });
    expect([response.status, response.headers.get('retry-after')]).toEqual([503, '1']);
  }
  for (const operation of [query, mutation, subscription]) {
    await expect(api.client.subscribe(operation).next()).rejects.toThrow('"code":"UNAVAILABLE"');
  }
  const stream = await post(subscription, 'text/event-stream');
  expect(await stream.text()).toContain('"code":"UNAVAILABLE"');
  expect(stream.status).toBe(503);

  await postgres.comeBack();
  const back = await waitFor(async () => {
    const response = await post(query);
    return response.ok && (await response.json());
  });
  expect(back).toMatchObject({ data: { jobs: { nodes: [{}] } } });
});
