import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { JobOutcomeEntity } from '../../src/database/entities/job-outcome.ts';
import { startTestApi, type TestApi } from '../support/api.ts';
import { estimate, submitEstimated, type EstimateAnswer } from '../support/estimate.ts';

let api: TestApi;
beforeAll(async () => {
  api = await startTestApi();
  await api.engine.startWorker({}, { DEFAULT: 4, ENCODE: 1 });
});
afterAll(() => api.close());

const uuidOf = (globalId: string) => Buffer.from(globalId, 'base64').toString().slice(-36);

/** What became of a job, as far as an estimate speaks of it. */
async function run(input: object): Promise<{ items: number; durationMs: number; cost: string | null; bytes: number }> {
  const { jobId } = await submitEstimated(api.client, input);
  await api.follow(jobId);
  const id = uuidOf(jobId);
  const { database } = api.engine.services;
  const outcome = await database.em().findOneOrFail(JobOutcomeEntity, { jobId: id, state: 'COMPLETED' });
  const { rows } = await database.pool.query<{ bytes: number }>(
    'select coalesce(sum(byte_size), 0)::float8 as bytes from item_files where job_id = $1 and is_kept',
    [id],
  );
  return {
    items: outcome.total,
    durationMs: outcome.durationMs ?? 0,
    cost: outcome.cost ?? null,
    bytes: rows[0]?.bytes ?? 0,
  };
}

const expectedOf = ({ items, durationMs, storageBytes }: EstimateAnswer) => ({
  items: Number(items?.expected),
  durationMs: Number(durationMs?.expected),
  bytes: Number(storageBytes?.expected ?? 0),
});

/** By how much one is off the other, either way. */
const ratio = (a: number, b: number) => Math.max(a, b) / Math.min(a, b);

describe('What was estimated of a job after another of its kind, and what became of it', () => {
  test('records of a file: items are exact, the duration is about that of the job before', async () => {
    const rows = Array.from({ length: 3_000 }, (_, index) => `R-${index},A,1.50,EUR,2026-01-02`);
    const uploadId = await api.upload('rows.csv', ['reference,account,amount,currency,occurredAt', ...rows].join('\n'));
    const input = { spec: { transactions: {} }, source: { upload: { uploadId } } };
    const first = await run(input);
    const found = await estimate(api.client, input);
    const second = await run(input);
    expect(expectedOf(found)).toMatchObject({ items: second.items, bytes: 0 });
    expect(ratio(expectedOf(found).durationMs, first.durationMs)).toBeLessThan(10);
    expect([found.cost, second.cost]).toEqual([null, null]);
  });

  test('what its items cost is exact', async () => {
    const items = Array.from({ length: 70 }, () => ({ value: 'x' }));
    const input = { spec: { echo: { costPerItem: '0.015' } }, source: { inline: { items } } };
    const { cost } = await estimate(api.client, input);
    expect(cost).toEqual({ amount: '1.050', unit: 'CREDIT', basis: 'MEASURED' });
    expect(Number((await run(input)).cost)).toBe(1.05);
  });

  test('videos: as many bytes as the same took, and of longer scripts more', { timeout: 170_000 }, async () => {
    const sentence = 'This is a sentence that somebody has to speak.';
    const videos = (count: number, sentences: number) => ({
      spec: { video: { resolution: 'P720' } },
      source: {
        inline: {
          items: Array.from({ length: count }, (_, index) => ({
            title: `Clip ${index}`,
            script: Array.from({ length: sentences }, () => sentence).join(' '),
            platforms: 'linkedin',
          })),
        },
      },
    });
    const first = await run(videos(1, 1));
    const same = await estimate(api.client, videos(1, 1));
    expect(same.storageBytes?.basis).toBe('MEASURED');
    expect(expectedOf(same)).toMatchObject({ items: 1, bytes: first.bytes });
    expect(ratio(expectedOf(same).durationMs, first.durationMs)).toBeLessThan(10);

    const longer = await estimate(api.client, videos(2, 4));
    const second = await run(videos(2, 4));
    expect(expectedOf(longer).items).toBe(second.items);
    expect(ratio(expectedOf(longer).bytes, second.bytes)).toBeLessThan(2);
    expect(expectedOf(longer).durationMs).toBeGreaterThan(2 * expectedOf(same).durationMs);
  });
});
