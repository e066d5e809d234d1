import { afterAll, beforeAll, expect, test } from 'vitest';
import { startTestApi, type TestApi } from '../support/api.ts';
import type { TestClient } from '../support/graphql-client.ts';
import { seedJob } from '../support/seed-job.ts';

let api: TestApi;
let client: TestClient;

beforeAll(async () => {
  api = await startTestApi();
  ({ client } = api);
});
afterAll(() => api.close());

interface Figure {
  expected: string;
  least: string;
  most: string;
  basis: string;
}
interface Answer {
  __typename: string;
  message?: string;
  estimate?: { items: Figure; durationMs: Figure; cost: object; storageBytes: Figure; warnings: string[] };
}

const fields = `estimate { items { expected least most basis } durationMs { expected least most basis }
  cost { amount unit basis } storageBytes { expected least most basis } warnings }`;

async function estimate(input: object, by = client): Promise<Answer> {
  const { estimateJob } = await by.query<{ estimateJob: Answer }>(
    `query ($input: SubmitJobInput!) { estimateJob(input: $input) { __typename ... on Error { message } ... on EstimateJobPayload { ${fields} } } }`,
    { input: { title: 'To be estimated', ...input } },
  );
  return estimateJob;
}

const items = (count: number) => ({ inline: { items: Array.from({ length: count }, () => ({ value: 'x' })) } });

async function rowsOf(table: string): Promise<number> {
  const { rows } = await api.engine.services.database.pool.query(`select from ${table}`);
  return rows.length;
}

test('a job that its project has no history of is estimated by what its type declares, and nothing is made', async () => {
  const before = [await rowsOf('jobs'), await rowsOf('quotas')];
  const answer = await estimate({ spec: { echo: { costPerItem: '0.25' } }, source: items(40) });
  expect(answer).toEqual({
    __typename: 'EstimateJobPayload',
    estimate: {
      items: { expected: '40', least: '40', most: '40', basis: 'MEASURED' },
      durationMs: { expected: '502', least: '500', most: '507', basis: 'DECLARED' },
      cost: { amount: '10.00', unit: 'CREDIT', basis: 'MEASURED' },
      storageBytes: null,
      warnings: [],
    },
  });
  expect([await rowsOf('jobs'), await rowsOf('quotas')]).toEqual(before);
});

test('rates hold it back, and what its deadline and budget do not allow is said', async () => {
  const { estimate: found } = await estimate({
    spec: { echo: { costPerItem: '1' } },
    source: items(100),
    limits: { itemsPerSecond: 0.5 },
    deadlineMinutes: 2,
    budget: { amount: '99.5', unit: 'CREDIT' },
  });
  expect(found?.durationMs).toEqual({ expected: '200500', least: '200500', most: '200500', basis: 'DECLARED' });
  expect(found?.warnings).toEqual([
    'It should take about 4 minutes, which is more than its deadline of 2 minutes leaves.',
    'It should cost about 100 CREDIT, which is more than its budget of 99.5: it will pause there.',
  ]);
});

test('the rows of a file are counted by its lines, and are a guess', async () => {
  const uploadId = await api.upload('rows.csv', 'value\na\nb\nc\n');
  const { estimate: found } = await estimate({ spec: { echo: {} }, source: { upload: { uploadId, format: 'CSV' } } });
  expect(found?.items).toEqual({ expected: '3', least: '2', most: '3', basis: 'SAMPLED' });
});

test('videos are estimated by their scripts: a longer one and more pixels take more', async () => {
  const video = async (script: string, resolution: string) => {
    const spec = { video: { resolution } };
    const answer = await estimate({ spec, source: { inline: { items: [{ title: 'A', script }] } } });
    return answer.estimate;
  };
  const short = await video('Hello there.', 'P720');
  const long = await video('Hello there, this is a sentence. '.repeat(50), 'P720');
  const large = await video('Hello there.', 'P2160');
  expect([short?.durationMs.basis, short?.storageBytes.basis]).toEqual(['SAMPLED', 'SAMPLED']);
  for (const more of [long, large]) {
    expect(Number(more?.durationMs.expected)).toBeGreaterThan(Number(short?.durationMs.expected));
    expect(Number(more?.storageBytes.expected)).toBeGreaterThan(Number(short?.storageBytes.expected));
  }
});

test('the jobs of the project that ended are what later ones are measured by, in the payload of submitJob too', async () => {
  const { database } = api.engine.services;
  const id = await seedJob(database, api.engine.viewer, { state: 'COMPLETED', total: 10, ended: 10, chunkSize: 10 });
  await database.pool.query(
    `update jobs set type = 'echo', started_at = now() - interval '20 s', completed_at = now() - interval '10 s', paused_ms = 0 where id = $1`,
    [id],
  );
  const input = { title: 'Measured', spec: { echo: {} }, source: items(5) };
  const durationMs = { expected: '5500', least: '5500', most: '5500', basis: 'MEASURED' };
  expect((await estimate(input)).estimate?.durationMs).toEqual(durationMs);
  expect(
    await client.query(
      `mutation ($input: SubmitJobInput!) { submitJob(input: $input) { ... on SubmitJobPayload { estimatedDurationMs estimate { durationMs { expected least most basis } } } } }`,
      { input },
    ),
  ).toEqual({ submitJob: { estimatedDurationMs: '5500', estimate: { durationMs } } });
  expect((await estimate(input, api.stranger)).estimate?.durationMs.basis).toBe('DECLARED');
});

test('what submitJob refuses is refused', async () => {
  expect(await estimate({ spec: { echo: { failureRate: 2 } }, source: items(1) })).toMatchObject({
    __typename: 'InvalidInputError',
  });
  const template = { templateId: '00000000-0000-7000-8000-000000000000' };
  expect(
    await estimate({ spec: { video: template }, source: { inline: { items: [{ title: 'A', script: 'Hello.' }] } } }),
  ).toMatchObject({ __typename: 'NotFoundError' });
});
