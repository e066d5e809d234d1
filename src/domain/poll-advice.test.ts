import { fc, test } from '@fast-check/vitest';
import { expect } from 'vitest';
import { isTerminal, jobStates } from './job-state.ts';
import { pollAfterMs } from './poll-advice.ts';

test('a job that has ended need not be asked again', () => {
  expect(jobStates.filter(isTerminal).map((state) => pollAfterMs({ state, elapsedMs: 5, etaMs: null }))).toEqual([
    null,
    null,
    null,
  ]);
});

test('a job is asked soon while its state is about to change, seldom while it is paused', () => {
  const after = (state: (typeof jobStates)[number]) => pollAfterMs({ state, elapsedMs: 60_000, etaMs: null });
  expect({
    PENDING: after('PENDING'),
    PAUSING: after('PAUSING'),
    COMPLETING: after('COMPLETING'),
    PAUSED: after('PAUSED'),
  }).toEqual({
    PENDING: 1_000,
    PAUSING: 1_000,
    COMPLETING: 1_000,
    PAUSED: 10_000,
  });
});

test('a running job is asked the more seldom the longer it takes', () => {
  const after = (elapsedMs: number, etaMs: number | null) => pollAfterMs({ state: 'RUNNING', elapsedMs, etaMs });
  expect([after(0, null), after(30_000, null), after(1_000, 45_000), after(1_000, 3_600_000)]).toEqual([
    1_000, 3_000, 4_500, 10_000,
  ]);
});

test.prop([fc.nat(), fc.option(fc.nat())])('the advice lies between 1 and 10 seconds', (elapsedMs, etaMs) => {
  const advice = pollAfterMs({ state: 'RUNNING', elapsedMs, etaMs });
  expect(advice).toBeGreaterThanOrEqual(1_000);
  expect(advice).toBeLessThanOrEqual(10_000);
});
