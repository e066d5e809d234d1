import { expect, test } from 'vitest';
import { createDatabaseClock } from './database-clock.ts';

test('the closest reading counts, and an answer that took long says no less', () => {
  const clock = createDatabaseClock();
  clock.note({ now: 1_000_000, notBefore: 500, notAfter: 502 });
  expect([clock.latest(1_000_010), clock.uncertaintyMs()]).toEqual([512, 2]);
  // A second later a reading takes 100 ms: the clocks may have parted by a millisecond.
  clock.note({ now: 1_000_950, notBefore: 1_402, notAfter: 1_502 });
  expect([clock.latest(1_001_000), clock.uncertaintyMs()]).toEqual([1_503, 4]);
});

test('a clock that was set is read anew', () => {
  const clock = createDatabaseClock();
  clock.note({ now: 1_000_000, notBefore: 500, notAfter: 502 });
  clock.note({ now: 2_000_000, notBefore: 600, notAfter: 603 });
  expect([clock.latest(2_000_000), clock.uncertaintyMs()]).toEqual([603, 3]);
});
