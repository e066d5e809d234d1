import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { closeBucket } from '../../src/database/sql/close-bucket.ts';
import { startTestApi, type TestApi } from '../support/api.ts';
import { askEstimate, estimate, submitEstimated } from '../support/estimate.ts';
import { seedJob } from '../support/seed-job.ts';

let api: TestApi;
beforeAll(async () => {
  api = await startTestApi();
});
afterAll(() => api.close());

const items = (count: number) => ({ inline: { items: Array.from({ length: count }, () => ({ value: 'x' })) } });
const of = (input: object) => estimate(api.client, input);

async function rowsOf(table: string): Promise<number> {
  const { rows } = await api.engine.services.database.pool.query(`select from ${table}`);
  return rows.length;
}

/** An echo job of the project that ran so long. */
async function seedHistory(of: { items: number; seconds: number; itemsPerSecond?: number }): Promise<string> {
  const { database } = api.engine.services;
  const seed = { state: 'COMPLETED', total: of.items, ended: of.items, chunkSize: of.items } as const;
  const id = await seedJob(database, api.engine.viewer, seed);
  await database.pool.query(
    `update jobs set type = 'echo', options = '{"delayMs": 0}', items_per_second = $3, paused_ms = 5000,
       started_at = now() - ($2::float8 + 15) * interval '1 s', completed_at = now() - interval '10 s' where id = $1`,
    [id, of.seconds, of.itemsPerSecond ?? null],
  );
  return id;
}

test('a job that its project has no history of is estimated by what its type declares, and nothing is made', async () => {
  const before = [await rowsOf('jobs'), await rowsOf('quotas')];
  expect(await of({ spec: { echo: { costPerItem: '0.25' } }, source: items(40) })).toEqual({
    items: { expected: '40', least: '40', most: '40', basis: 'MEASURED' },
    queue: null,
    durationMs: { expected: '502', least: '500', most: '507', basis: 'DECLARED' },
    cost: { amount: '10.00', unit: 'CREDIT', basis: 'MEASURED' },
    storageBytes: null,
    warnings: [],
  });
  expect([await rowsOf('jobs'), await rowsOf('quotas')]).toEqual(before);
});

test('rates hold it back, and what its deadline and budget do not allow is said', async () => {
  const found = await of({
    spec: { echo: { costPerItem: '1' } },
    source: items(100),
    limits: { itemsPerSecond: 0.5 },
    deadlineMinutes: 2,
    budget: { amount: '99.5', unit: 'CREDIT' },
  });
  expect(found.durationMs).toEqual({ expected: '200500', least: '200500', most: '200500', basis: 'DECLARED' });
  expect(found.warnings).toEqual([
    'It should take about 4 minutes, which is more than its deadline of 2 minutes leaves.',
    'It should cost about 100 CREDIT, which is more than its budget of 99.5: it will pause there.',
  ]);
});

test('it begins when it may: later by its own start, and by a service that asked to wait', async () => {
  const { database } = api.engine.services;
  const startAt = new Date(Date.now() + 3_600_000).toISOString();
  const late = await of({ spec: { echo: {} }, source: items(1), startAt });
  expect(Number(late.durationMs?.least)).toBeGreaterThan(3_500_000);

  const { projectId } = api.engine.viewer;
  const asked = { forMs: 7_200_000, reason: 'Too many.', jobTypes: [] };
  await closeBucket(database.pool, { projectId, name: 'provider:echo' }, asked);
  const input = { spec: { echo: { serviceItemsPerSecond: 2 } }, source: items(100) };
  const held = await of(input);
  expect(Number(held.durationMs?.least)).toBeGreaterThan(7_100_000);
  expect(held.warnings).toEqual(['The service "echo" asked to wait: nothing is sent to it for about 2 hours.']);
  const spared = await estimate(api.stranger, input);
  expect(spared.durationMs).toEqual({ expected: '50500', least: '50500', most: '50500', basis: 'DECLARED' });
});

test('a canary waits for people, and a dry run costs what the stages cost that it runs', async () => {
  const input = { spec: { echo: { costPerItem: '1' } }, source: items(10) };
  // It has no other stage.
  expect((await of({ ...input, dryRun: true })).cost).toEqual({ amount: '10', unit: 'CREDIT', basis: 'MEASURED' });
  const { warnings } = await of({ ...input, canary: { items: 2 } });
  expect(warnings).toEqual(['It waits for approval after its first items: that is not in its duration.']);
});

test('videos are estimated by their scripts: a longer one and more pixels take more', async () => {
  const video = async (script: string, resolution: string) =>
    await of({ spec: { video: { resolution } }, source: { inline: { items: [{ title: 'A', script }] } } });
  const short = await video('Hello there.', 'P720');
  const long = await video('Hello there, this is a sentence. '.repeat(50), 'P720');
  const large = await video('Hello there.', 'P2160');
  expect([short.durationMs?.basis, short.storageBytes?.basis]).toEqual(['SAMPLED', 'SAMPLED']);
  for (const more of [long, large]) {
    expect(Number(more.durationMs?.expected)).toBeGreaterThan(Number(short.durationMs?.expected));
    expect(Number(more.storageBytes?.expected)).toBeGreaterThan(Number(short.storageBytes?.expected));
  }
  const table = `title,script\nShort,Hello there.\nLong,"${'Hello there, this is a sentence. '.repeat(50)}"\n`;
  const uploadId = await api.upload('scripts.csv', table);
  const both = await of({ spec: { video: { resolution: 'P720' } }, source: { upload: { uploadId } } });
  const sum = Number(short.storageBytes?.expected) + Number(long.storageBytes?.expected);
  expect(Math.abs(Number(both.storageBytes?.expected) - sum)).toBeLessThanOrEqual(1);
});

describe('The jobs of the project that ended', () => {
  const input = { spec: { echo: {} }, source: items(20) };

  test('are what later ones are measured by, in the payload of submitJob too', async () => {
    await seedHistory({ items: 10, seconds: 10.5 });
    const durationMs = { expected: '20500', least: '13833', most: '30500', basis: 'MEASURED' };
    expect((await of(input)).durationMs).toEqual(durationMs);
    const submitted = await submitEstimated(api.client, input);
    expect([submitted.estimatedDurationMs, submitted.estimate.durationMs]).toEqual(['20500', durationMs]);
    expect((await estimate(api.stranger, input)).durationMs?.basis).toBe('DECLARED');
    expect((await of({ ...input, spec: { echo: { delayMs: 5 } } })).durationMs?.basis).toBe('DECLARED');
    expect((await of({ ...input, dryRun: true })).durationMs?.basis).toBe('DECLARED');
  });

  test('say nothing where they were held to a lower rate, or were too small to tell', async () => {
    await seedHistory({ items: 10, seconds: 100.5, itemsPerSecond: 0.1 });
    await seedHistory({ items: 1, seconds: 1 });
    expect((await of(input)).durationMs?.expected).toBe('20500');
    expect((await of({ ...input, limits: { itemsPerSecond: 0.1 } })).durationMs).toEqual({
      expected: '200500',
      least: '200500',
      most: '300500',
      basis: 'MEASURED',
    });
  });
});

test('what submitJob refuses is refused', async () => {
  expect(await askEstimate(api.client, { spec: { echo: { failureRate: 2 } }, source: items(1) })).toMatchObject({
    __typename: 'InvalidInputError',
  });
  const template = { templateId: '00000000-0000-7000-8000-000000000000' };
  const source = { inline: { items: [{ title: 'A', script: 'Hello.' }] } };
  expect(await askEstimate(api.client, { spec: { video: template }, source })).toMatchObject({
    __typename: 'NotFoundError',
  });
});
