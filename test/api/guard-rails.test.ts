import { afterAll, beforeAll, expect, test } from 'vitest';
import { startTestApi, type TestApi } from '../support/api.ts';
import type { TestClient } from '../support/graphql-client.ts';
import { waitFor } from '../support/wait-for.ts';

let api: TestApi;
let client: TestClient;

beforeAll(async () => {
  api = await startTestApi();
  ({ client } = api);
  await api.engine.startWorker();
});
afterAll(() => api.close());

interface Submitted {
  submitJob: { job?: { id: string }; issues?: { path: string[]; message: string }[] };
}

async function submit(input: object, count = 40): Promise<Submitted['submitJob']> {
  const items = Array.from({ length: count }, (_, index) => ({ value: String(index) }));
  const { submitJob } = await client.query<Submitted>(
    `mutation ($input: SubmitJobInput!) { submitJob(input: $input) {
       ... on SubmitJobPayload { job { id } } ... on InvalidInputError { issues { path message } } } }`,
    { input: { title: 'Guarded', spec: { echo: {} }, source: { inline: { items } }, ...input } },
  );
  return submitJob;
}

async function submitted(input: object, count?: number): Promise<string> {
  const { job, issues } = await submit(input, count);
  if (!job) throw new Error(JSON.stringify(issues));
  return job.id;
}

async function read(id: string) {
  const { job } = await client.query<{ job: Record<string, unknown> }>(
    `query ($id: ID!) { job(id: $id) { state message pauseReason allowedActions nextSteps deadlineAt guardRails {
       startAt dryRun deadline { minutes action } window { days from to timeZone } breaker { failures percent minimumItems }
       budget { amount unit } cost { unit spent reserved } chunksAtOnce
       canary { items percent state report { items succeeded failed skipped errorRate cost unit projected { items failed cost } } } } } }`,
    { id },
  );
  return job;
}

const reach = (id: string, state: string) =>
  waitFor(async () => {
    const job = await read(id);
    return job.state === state && job;
  });

const run = (mutation: string, input: object) =>
  client.query<Record<string, { job?: object; message?: string }>>(
    `mutation ($input: ${mutation.charAt(0).toUpperCase()}${mutation.slice(1)}Input!) { ${mutation}(input: $input) {
       ... on ${mutation.charAt(0).toUpperCase()}${mutation.slice(1)}Payload { job { id } } ... on Error { message } } }`,
    { input },
  );

test('Every rail is submitted and shown with its own type', async () => {
  const startAt = new Date(Date.now() + 3_600_000).toISOString();
  const window = { days: ['MONDAY', 'FRIDAY'], from: '22:00', to: '06:00', timeZone: 'Europe/Berlin' };
  const id = await submitted({
    spec: { echo: { costPerItem: '0.002' } },
    startAt,
    deadlineMinutes: 30,
    onDeadline: 'CANCEL',
    window,
    canary: { percent: 1.5 },
    breaker: { percent: 5 },
    budget: { amount: '12.50', unit: 'CREDIT' },
    limits: { chunksAtOnce: 3 },
    dryRun: true,
  });
  expect(await read(id)).toMatchObject({
    state: 'PENDING',
    message: expect.stringMatching(/^Waiting until \d{4}-\d\d-\d\d \d\d:\d\d UTC$/),
    deadlineAt: expect.any(String),
    guardRails: {
      startAt,
      dryRun: true,
      deadline: { minutes: 30, action: 'CANCEL' },
      window,
      breaker: { failures: null, percent: 5, minimumItems: 100 },
      budget: { amount: '12.50', unit: 'CREDIT' },
      cost: { unit: 'CREDIT', spent: '0.000', reserved: '0' },
      chunksAtOnce: 3,
      canary: { items: null, percent: 1.5, state: 'RUNNING', report: null },
    },
  });
});

test('A rail that makes no sense is refused with its path and what it takes', async () => {
  const { issues } = await submit({
    deadlineMinutes: 1_441,
    breaker: { minimumItems: 5 },
    window: { from: '25:00', to: '06:00', timeZone: 'Mars/Olympus' },
    limits: { chunksAtOnce: 0 },
  });
  expect(issues?.map(({ path }) => path.join('.')).toSorted()).toEqual([
    'breaker',
    'deadlineMinutes',
    'limits.chunksAtOnce',
    'window.from',
    'window.timeZone',
  ]);
  expect((await submit({ canary: { items: 0 } })).issues?.[0]?.path).toEqual(['canary', 'items']);
});

test('A job without rails and costs has none', async () => {
  expect(await read(await submitted({}, 1))).toMatchObject({ guardRails: null });
});

test('A canary is reported, approved, and then stopped by the budget until that is raised', async () => {
  const id = await submitted({
    spec: { echo: { costPerItem: '0.05' } },
    chunkSize: 10,
    canary: { items: 10 },
    budget: { amount: '1', unit: 'CREDIT' },
  });
  expect(await reach(id, 'PAUSED')).toMatchObject({
    pauseReason: 'APPROVAL',
    allowedActions: ['APPROVE', 'CANCEL'],
    nextSteps: [expect.stringContaining('guardRails.canary'), expect.stringContaining('approveJob')],
    guardRails: {
      canary: {
        items: 10,
        state: 'WAITING',
        report: {
          items: '10',
          succeeded: '10',
          failed: '0',
          skipped: '0',
          errorRate: 0,
          cost: '0.50',
          unit: 'CREDIT',
          projected: { items: '40', failed: '0', cost: '2.00' },
        },
      },
    },
  });
  expect(await run('approveJob', { jobId: id })).toMatchObject({ approveJob: { job: { id } } });
  expect(
    await waitFor(async () => {
      const job = await read(id);
      return job.pauseReason === 'BUDGET' && job.state === 'PAUSED' && job;
    }),
  ).toMatchObject({ guardRails: { cost: { spent: '1.00', reserved: '0.00' }, canary: { state: 'APPROVED' } } });
  await run('updateJobLimits', { jobId: id, budget: { amount: '2', unit: 'CREDIT' } });
  await run('resumeJob', { jobId: id });
  expect(await reach(id, 'COMPLETED')).toMatchObject({ guardRails: { cost: { spent: '2.00' } } });
  const entries = await client.query<{ job: { events: { nodes: { __typename: string }[] } } }>(
    `query ($id: ID!) { job(id: $id) { events(first: 100) { nodes { __typename
       ... on CanaryCompleted { report { items } } ... on BudgetReached { amount unit needed }
       ... on LimitsChanged { changed by } } } } }`,
    { id },
  );
  const told = entries.job.events.nodes.filter(({ __typename }) =>
    ['CanaryCompleted', 'BudgetReached', 'LimitsChanged'].includes(__typename),
  );
  expect(told).toEqual([
    { __typename: 'CanaryCompleted', report: { items: '10' } },
    { __typename: 'BudgetReached', amount: '1', unit: 'CREDIT', needed: '0.50' },
    { __typename: 'LimitsChanged', changed: ['budget'], by: expect.any(String) },
  ]);
});

test('An update that leaves a rail out keeps it, and one that says null takes it away', async () => {
  const id = await submitted({
    startAt: new Date(Date.now() + 3_600_000).toISOString(),
    deadlineMinutes: 30,
    breaker: { failures: 3 },
  });
  await run('updateJobLimits', { jobId: id, breaker: null, limits: { chunksAtOnce: 2 } });
  expect(await read(id)).toMatchObject({
    guardRails: { breaker: null, deadline: { minutes: 30, action: 'FAIL' }, chunksAtOnce: 2 },
  });
  await run('updateJobLimits', { jobId: id, deadlineMinutes: null });
  expect(await read(id)).toMatchObject({ deadlineAt: null, guardRails: { deadline: null } });
});
