import { expect, test } from 'vitest';
import { actors } from './actors.ts';
import { runChaos } from './run-chaos.ts';

// `npm run chaos` goes on for longer, with another seed each time.
test('no promise is broken while every part is killed, frozen, stopped and cut off', { timeout: 900_000 }, async () => {
  const outcome = await runChaos({ seed: 11, minutes: 0, tell: () => undefined });
  expect(outcome.violations).toEqual([]);
  expect(new Set(outcome.faults.values())).toEqual(new Set([1]));
  expect([...outcome.jobs.keys()].sort()).toEqual(actors.map(({ name }) => name).sort());
  expect(outcome.pauses).toBeGreaterThan(0);
});
