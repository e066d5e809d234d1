import { setImmediate as othersGoOn } from 'node:timers/promises';
import { fc, test } from '@fast-check/vitest';
import { pino } from 'pino';
import { expect } from 'vitest';
import { takeSlots, type Bucket } from '../domain/bucket.ts';
import { createDatabaseClock } from './database-clock.ts';
import { createSlotQueue, type Timer } from './slot-queue.ts';

const log = pino({ level: 'silent' });
const never = new AbortController().signal;

/** Time that goes on when all wait. */
function createTime() {
  let now = 1_000;
  let sleepers: { at: number; wake: () => void }[] = [];
  const sleep = async (ms: number): Promise<void> => {
    const { promise, resolve } = Promise.withResolvers<void>();
    sleepers.push({ at: now + Math.max(0, ms), wake: resolve });
    await promise;
  };
  const runUntil = async (end: number): Promise<void> => {
    for (;;) {
      await othersGoOn();
      const next = sleepers.toSorted((a, b) => a.at - b.at)[0];
      if (!next || next.at > end) return;
      sleepers = sleepers.filter((sleeper) => sleeper !== next);
      now = next.at;
      next.wake();
    }
  };
  return { now: () => now, sleep, runUntil };
}

/** What goes wrong on a machine, one after the other: how late a timer is, and how long the way to the database and back takes. */
const mishaps = fc.record({
  late: fc.infiniteStream(fc.oneof({ arbitrary: fc.constant(1), weight: 5 }, fc.integer({ min: 0, max: 400 }))),
  way: fc.infiniteStream(fc.oneof({ arbitrary: fc.constant(1), weight: 5 }, fc.integer({ min: 0, max: 150 }))),
});

test.prop([
  fc.array(mishaps, { minLength: 1, maxLength: 4 }),
  fc.constantFrom(3, 40, 250),
  fc.integer({ min: -1_000_000, max: 1_000_000 }),
])(
  'workers whose timers and answers are late never begin more than the rate in a second',
  async (workers, rate, ahead) => {
    const time = createTime();
    const begins: number[] = [];
    let bucket: Bucket = { nextAt: 0, closedUntil: null, lanes: {} };
    const isOver = () => time.now() > 6_000;
    // As many as a job of this rate calls with at a time.
    const items = Math.max(1, rate / 100) | 0;
    for (const [jobId, { late, way }] of workers.entries()) {
      const clock = createDatabaseClock();
      const timer: Timer = { now: time.now, sleep: (ms) => time.sleep(Math.max(ms, 1) + late.next().value) };
      const ask = async (slots: number) => {
        const notBefore = time.now();
        await time.sleep(way.next().value);
        const now = time.now() + ahead;
        const taken = takeSlots(bucket, { jobId: String(jobId), itemsPerSecond: rate, slots, now });
        bucket = taken.bucket;
        await time.sleep(way.next().value);
        clock.note({ now, notBefore, notAfter: time.now() });
        return taken.answer;
      };
      const queue = createSlotQueue({ ask, clock, log, itemsPerSecond: rate, timer });
      const lane = async (): Promise<void> => {
        while (!isOver()) {
          await queue.take(items, never);
          for (let nth = 0; nth < items; nth += 1) begins.push(time.now());
        }
      };
      for (let nth = 0; nth < 4; nth += 1) void lane();
    }
    await time.runUntil(7_000);
    begins.forEach((from, at) => expect(begins[at + rate] ?? Infinity).toBeGreaterThanOrEqual(from + 999.99));
    expect(begins.length).toBeGreaterThan(0);
  },
);

test('on a machine that is never late a job gets its rate', async () => {
  const time = createTime();
  const clock = createDatabaseClock();
  let bucket: Bucket = { nextAt: 0, closedUntil: null, lanes: {} };
  const ask = (slots: number) => {
    const now = time.now();
    clock.note({ now, notBefore: now, notAfter: now });
    const taken = takeSlots(bucket, { jobId: 'one', itemsPerSecond: 40, slots, now });
    bucket = taken.bucket;
    return Promise.resolve(taken.answer);
  };
  const queue = createSlotQueue({ ask, clock, log, itemsPerSecond: 40, timer: { now: time.now, sleep: time.sleep } });
  let begun = 0;
  const lane = async (): Promise<void> => {
    for (; time.now() < 11_000; begun += 1) await queue.take(1, never);
  };
  for (let nth = 0; nth < 4; nth += 1) void lane();
  await time.runUntil(12_000);
  expect(begun).toBeGreaterThanOrEqual(390);
});
