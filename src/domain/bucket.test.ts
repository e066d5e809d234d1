import { fc, test } from '@fast-check/vitest';
import { describe, expect } from 'vitest';
import { limitedWindow, slotTimes, takeSlots, type Bucket, type SlotAnswer } from './bucket.ts';

const empty: Bucket = { nextAt: 0, closedUntil: null, lanes: {} };
const start = 1_800_000_000_000;

interface Ask {
  jobId: string;
  slots: number;
  /** Milliseconds since the ask before. */
  after: number;
}

/** What a bucket answers to one ask after the other, and the time of each. */
function answers(asks: readonly Ask[], itemsPerSecond: number, first = empty) {
  let bucket = first;
  let now = start;
  return asks.map(({ jobId, slots, after }): { now: number; answer: SlotAnswer } => {
    now += after;
    const taken = takeSlots(bucket, { jobId, slots, itemsPerSecond, now });
    bucket = taken.bucket;
    return { now, answer: taken.answer };
  });
}

const asksWithin = (most: number, size: fc.ArrayConstraints) =>
  fc.array(
    fc.record({
      jobId: fc.constantFrom('one', 'two', 'three'),
      slots: fc.integer({ min: 1, max: 500 }),
      after: fc.double({ min: 0, max: most, noNaN: true }),
    }),
    size,
  );
const asks = asksWithin(400, { maxLength: 100 });
const rate = fc.double({ min: 0.5, max: 5_000, noNaN: true });

describe('A bucket', () => {
  test.prop([asks, rate])('never hands out more than its rate, and nothing too early or too late', (all, perSecond) => {
    const { spacingMs } = slotTimes(perSecond);
    let free = -Infinity;
    for (const { now, answer } of answers(all, perSecond)) {
      if (answer.kind !== 'GRANTED') continue;
      expect(answer.startsAt).toBeGreaterThanOrEqual(free - 0.01);
      expect(answer.startsAt).toBeGreaterThanOrEqual(now - 50);
      expect(answer.startsAt).toBeLessThanOrEqual(now + 50);
      free = answer.startsAt + answer.slots * spacingMs;
    }
  });

  test.prop([
    asksWithin(40, { minLength: 100, maxLength: 200 }),
    fc.constantFrom(0.5, 3, 40, 250.5),
    fc.infiniteStream(fc.boolean()),
  ])(
    'lets no second begin more than its rate, whichever slots are used as late as they may be',
    (all, perSecond, lateOnes) => {
      const { spacingMs, lateMs } = slotTimes(perSecond);
      const begins = answers(all, perSecond)
        .flatMap(({ answer: a }) =>
          a.kind === 'GRANTED' ? Array.from({ length: a.slots }, (_, nth) => a.startsAt + nth * spacingMs) : [],
        )
        .map((at) => (lateOnes.next().value ? at + lateMs : at))
        .toSorted((a, b) => a - b);
      // Of a rate below one a second one may begin in its time. Moments are doubles of 13 digits before the point.
      const lengthMs = Math.max(1_000, 1_000 / perSecond) - 0.01;
      const most = Math.ceil(Math.max(perSecond, 1));
      begins.forEach((from, at) => expect(begins[at + most] ?? Infinity).toBeGreaterThanOrEqual(from + lengthMs));
    },
  );

  test('hands out no time twice to who asks again at once', () => {
    const all = [0, 40, 0, 105].map((after): Ask => ({ jobId: 'one', slots: 4, after }));
    const starts = answers(all, 40).map(({ answer }) => (answer.kind === 'GRANTED' ? answer.startsAt - start : null));
    // Of 4 slots with 25.625 ms from one to the next.
    expect(starts).toEqual([-12.5, 90, null, 192.5]);
  });

  test.prop([rate])('gives a job that is alone its whole rate, but for what may be late', (perSecond) => {
    let bucket = empty;
    let now = start;
    let got = 0;
    while (now < start + 60_000) {
      const taken = takeSlots(bucket, { jobId: 'one', slots: 1_000, itemsPerSecond: perSecond, now });
      bucket = taken.bucket;
      if (taken.answer.kind === 'LATER') now = taken.answer.at;
      if (taken.answer.kind === 'GRANTED') got += taken.answer.slots;
    }
    expect(got).toBeGreaterThanOrEqual(Math.floor((perSecond * 60) / 1.025));
  });

  test.prop([fc.integer({ min: 5, max: 2_000 })])(
    'shares its rate evenly between a job that asks for much and often and one that asks for little',
    (perSecond) => {
      const many = Array.from({ length: 1_000 }, (_, index): Ask[] => [
        { jobId: 'big', slots: 10_000, after: 10 },
        { jobId: 'big', slots: 10_000, after: 0 },
        ...(index % 5 === 0 ? [{ jobId: 'small', slots: 1_000, after: 0 }] : []),
      ]).flat();
      const got = { big: 0, small: 0 };
      answers(many, perSecond).forEach(({ answer }, index) => {
        if (answer.kind === 'GRANTED') got[many[index]?.jobId === 'big' ? 'big' : 'small'] += answer.slots;
      });
      expect(Math.abs(got.big - got.small)).toBeLessThanOrEqual(3 * Math.max(1, perSecond / 10));
    },
  );

  test('does not wait for a job whose worker died', () => {
    const bucket: Bucket = {
      ...empty,
      lanes: {
        dead: { served: 0, askedAt: start - 1_000, isHungry: true },
        alive: { served: 500, askedAt: start, isHungry: true },
      },
    };
    const { answer } = takeSlots(bucket, { jobId: 'alive', slots: 3, itemsPerSecond: 40, now: start });
    expect(answer).toEqual({ kind: 'GRANTED', startsAt: start - 12.5, slots: 3 });
  });

  test('hands out nothing until its provider lets it, and then begins anew', () => {
    const closed = { ...empty, closedUntil: start + 30_000 };
    const ask = { jobId: 'one', slots: 10, itemsPerSecond: 40 };
    const early = takeSlots(closed, { ...ask, now: start + 29_999 });
    expect(early).toEqual({ bucket: closed, answer: { kind: 'CLOSED', until: start + 30_000 } });
    expect(takeSlots(closed, { ...ask, now: start + 30_000 }).answer).toEqual({
      kind: 'GRANTED',
      startsAt: start + 30_000,
      slots: 4,
    });
  });

  test('goes on when the clock was set back', () => {
    const ahead = { ...empty, nextAt: start + 3_600_000 };
    const { answer } = takeSlots(ahead, { jobId: 'one', slots: 1, itemsPerSecond: 40, now: start });
    expect(answer).toEqual({ kind: 'LATER', at: start + 102.5 });
  });
});

test('a limited job has no more chunks waiting than its rate needs', () => {
  expect([null, 0.5, 40, 10_000].map((itemsPerSecond) => limitedWindow(16, itemsPerSecond))).toEqual([16, 1, 4, 16]);
});
