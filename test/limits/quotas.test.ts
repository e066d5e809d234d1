import { afterAll, beforeAll, expect, test } from 'vitest';
import { createApiKey } from '../../src/access/create-api-key.ts';
import { startTestApi, type TestApi } from '../support/api.ts';
import { echoCommand } from '../support/engine.ts';
import { createTestClient } from '../support/graphql-client.ts';

let api: TestApi;
beforeAll(async () => {
  api = await startTestApi(undefined, { submitsPerHour: 3, exportsPerHour: 2, requestsPerMinute: 40 });
});
afterAll(() => api.close());

const submit = (idempotencyKey: string | null = null) =>
  api.client.query<{ submitJob: Record<string, unknown> }>(
    `mutation ($idempotencyKey: String) {
      submitJob(input: { title: "Limited", spec: { echo: {} }, source: { inline: { items: [{ value: "a" }] } }, idempotencyKey: $idempotencyKey }) {
        __typename
        ... on SubmitJobPayload { created job { id } }
        ... on LimitExceededError { code limit remaining resetsAt retryAfterMs message }
      }
    }`,
    { idempotencyKey },
  );

test('who has submitted too many jobs in an hour is told when there can be another; a repeated submit is none', async () => {
  const first = (await submit('once')).submitJob;
  await Promise.all([submit(), submit()]);
  expect(await submit('once')).toMatchObject({ submitJob: { created: false, job: first.job } });
  const { submitJob } = await submit();
  expect(submitJob).toMatchObject({
    __typename: 'LimitExceededError',
    code: 'LIMIT_EXCEEDED',
    limit: '3',
    remaining: '0',
  });
  expect(submitJob.message).toContain('There may be 3 jobs submitted by you in an hour');
  // A third of an hour, less what has come back since.
  expect(Number(submitJob.retryAfterMs)).toBeGreaterThan(0);
  expect(Number(submitJob.retryAfterMs)).toBeLessThanOrEqual(1_200_000);
  expect(new Date(String(submitJob.resetsAt)).getTime()).toBeGreaterThan(Date.now() - 60_000);
});

test('exports are limited all or none', async () => {
  const { jobs } = await api.client.query<{ jobs: { edges: { node: { id: string } }[] } }>(
    '{ jobs(first: 1) { edges { node { id } } } }',
  );
  const ask = (count: number) =>
    api.client.query(
      `mutation ($jobId: ID!, $exports: [ExportRequestInput!]!) {
        createExports(input: { jobId: $jobId, exports: $exports }) {
          __typename ... on LimitExceededError { limit remaining retryAfterMs }
        }
      }`,
      {
        jobId: jobs.edges[0]?.node.id,
        exports: Array.from({ length: count }, () => ({ format: 'CSV', content: 'ITEMS' })),
      },
    );
  expect(await ask(3)).toEqual({
    createExports: { __typename: 'LimitExceededError', limit: '2', remaining: '2', retryAfterMs: null },
  });
  expect(await ask(2)).toEqual({ createExports: { __typename: 'CreateExportsPayload' } });
});

test('requests are counted by the user, in the headers and in Viewer.rateLimits, and refused with 429', async () => {
  const headers = { authorization: `Bearer ${api.apiKey}`, 'content-type': 'application/json' };
  const send = () =>
    fetch(`${api.url}/graphql`, { method: 'POST', headers, body: '{"query":"{ viewer { expiresAt } }"}' });
  const answer = await send();
  expect(answer.headers.get('x-ratelimit-limit')).toBe('40');
  expect(Number(answer.headers.get('x-ratelimit-remaining'))).toBeLessThan(40);
  const { viewer } = await api.client.query<{ viewer: { rateLimits: unknown[] } }>(
    '{ viewer { rateLimits { name limit windowMs remaining } } }',
  );
  expect(viewer.rateLimits).toEqual([
    { name: 'SUBMITS', limit: 3, windowMs: 3_600_000, remaining: 0 },
    { name: 'EXPORTS', limit: 2, windowMs: 3_600_000, remaining: 0 },
    { name: 'REQUESTS', limit: 40, windowMs: 60_000, remaining: expect.any(Number) },
  ]);

  const answers = await Promise.all(Array.from({ length: 120 }, send));
  const refused = answers.find(({ status }) => status === 429);
  expect(refused?.headers.get('x-ratelimit-remaining')).toBe('0');
  expect(Number(refused?.headers.get('retry-after'))).toBeGreaterThan(0);
  expect(await refused?.json()).toMatchObject({ errors: [{ extensions: { code: 'LIMIT_EXCEEDED' } }] });
  // Somebody else is not touched.
  expect(await api.stranger.query('{ viewer { expiresAt } }')).toEqual({ viewer: { expiresAt: null } });
});

test('each operation on a socket is a request; one too many is refused, and what the socket carries goes on', async () => {
  const { projectId } = api.engine.viewer;
  const { apiKey, key } = await createApiKey(api.engine.services.database, { projectId, name: 'socket' });
  const client = createTestClient({ url: `${api.url}/graphql`, apiKey: key });
  const viewer = { ...api.engine.viewer, caller: { kind: 'API_KEY' as const, id: apiKey.id, name: apiKey.name } };
  const changes = client.subscribe<{ jobsChanged: { title: string } }>('subscription { jobsChanged { title } }');
  const ask = () => client.subscribe('{ viewer { expiresAt } }').next();
  for (let request = 0; request < 39; request += 1) await ask();
  const outcomes = await Promise.allSettled(Array.from({ length: 80 }, ask));
  const refused = outcomes.filter((outcome) => outcome.status === 'rejected');
  expect(refused.length).toBeGreaterThan(0);
  expect(String(refused[0]?.reason)).toMatch(/LIMIT_EXCEEDED|There may be 40 requests of yours in a minute/);
  await api.engine.services.jobs.submitJob(viewer, { ...echoCommand, title: 'Seen' });
  expect(await changes.next()).toEqual({ jobsChanged: { title: 'Seen' } });
  await client.close();
});
