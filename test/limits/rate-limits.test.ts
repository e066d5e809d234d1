import { pino } from 'pino';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { newId } from '../../src/database/new-id.ts';
import { createRateLimiter, type RateShare } from '../../src/limits/rate-limiter.ts';
import { createTestDatabase, type TestDatabase } from '../support/database.ts';

let db: TestDatabase;
beforeAll(async () => {
  db = await createTestDatabase();
});
afterAll(() => db.close());

const never = new AbortController().signal;

/** Shares of one bucket: each limiter is a worker of its own. */
function openShares(workers: number, jobIds: readonly string[], itemsPerSecond: number) {
  const limit = { projectId: newId(), name: 'provider:test', itemsPerSecond };
  const log = pino({ level: 'silent' });
  const limiters = Array.from({ length: workers }, () => createRateLimiter({ database: db.database, log }));
  const shares = limiters.flatMap((limiter) =>
    jobIds.map((jobId) => ({ jobId, share: limiter.open({ ...limit, jobId }) })),
  );
  return { shares, release: () => shares.forEach(({ share }) => share.release()) };
}

/** Takes one slot after the other until `enough`, and the time of each. */
async function takeUntil(share: RateShare, times: number[], enough: () => boolean): Promise<void> {
  while (!enough()) {
    expect(await share.take(1, never)).toBe('GO');
    times.push(performance.now());
  }
}

test('four workers together never exceed the rate, in any half second and in all', async () => {
  const rate = 200;
  const { shares, release } = openShares(4, ['one', 'two'], rate);
  const times: number[] = [];
  await Promise.all(shares.map(({ share }) => takeUntil(share, times, () => times.length >= 400)));
  release();
  times.sort((a, b) => a - b);
  const span = (times.at(-1) ?? 0) - (times[0] ?? 0);
  expect(times.length).toBeLessThanOrEqual((rate * (span + 100)) / 1_000 + 1);
  for (const from of times) {
    const within = times.filter((time) => time >= from && time < from + 500).length;
    // Half a second, what may be late, and room for what the test measures late itself.
    expect(within).toBeLessThanOrEqual(rate * 0.6 + 1 + rate * 0.1);
  }
});

test('a job on one worker gets as much as one that is on four', async () => {
  const log = pino({ level: 'silent' });
  const limit = { projectId: newId(), name: 'provider:shared', itemsPerSecond: 100 };
  const limiters = Array.from({ length: 4 }, () => createRateLimiter({ database: db.database, log }));
  const big = limiters.map((limiter) => limiter.open({ ...limit, jobId: 'big' }));
  const small = limiters.slice(0, 1).map((limiter) => limiter.open({ ...limit, jobId: 'small' }));
  const times = { big: [] as number[], small: [] as number[] };
  const isOver = () => times.big.length + times.small.length >= 200;
  const lanes = (job: 'big' | 'small', shares: RateShare[]) =>
    shares.flatMap((share) => Array.from({ length: 8 }, () => takeUntil(share, times[job], isOver)));
  await Promise.all([...lanes('big', big), ...lanes('small', small)]);
  for (const share of [...big, ...small]) share.release();
  expect(times.small.length).toBeGreaterThan(50);
});

test('when a provider asks to wait, no job on any worker begins anything until then', async () => {
  const { shares, release } = openShares(4, ['one', 'two', 'three'], 300);
  const times: number[] = [];
  const share = shares[0]?.share;
  if (!share) throw new Error('There is no share.');
  let closedAt = Infinity;
  let settled = Infinity;
  await Promise.all([
    ...shares.map((each) => takeUntil(each.share, times, () => performance.now() > settled)),
    (async () => {
      await takeUntil(share, times, () => times.length > 100);
      closedAt = performance.now();
      await share.close({ forMs: 1_500, reason: 'Too many requests', jobTypes: [] });
      settled = performance.now() + 1_500;
    })(),
  ]);
  release();
  // What other workers had at hand: blocks of a tenth of a second.
  const atHand = times.filter((time) => time > settled - 1_500 && time < closedAt + 1_500).length;
  expect(atHand).toBeLessThanOrEqual(300 * 0.35);
  expect(times.filter((time) => time > settled - 1_000 && time < closedAt + 1_500)).toEqual([]);
  expect(times.some((time) => time >= closedAt + 1_500)).toBe(true);
});

test('a wait that is longer than a chunk should hold its worker up is told', async () => {
  const { shares, release } = openShares(2, ['one'], 100);
  const [one, two] = shares.map(({ share }) => share);
  await one?.close({ forMs: 60_000, reason: 'Too many requests', jobTypes: [] });
  expect(await two?.take(1, never)).toBe('CLOSED');
  expect(await one?.take(1, AbortSignal.abort())).toBe('STOPPED');
  release();
});

test('who waits can stop at once', async () => {
  const { shares, release } = openShares(1, ['one'], 0.01);
  const [held] = shares;
  expect(await held?.share.take(1, never)).toBe('GO');
  const stop = new AbortController();
  const waiting = held?.share.take(1, stop.signal);
  stop.abort();
  expect(await waiting).toBe('STOPPED');
  release();
});
