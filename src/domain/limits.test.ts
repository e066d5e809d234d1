import { expect, test } from 'vitest';
import { defaultLimits, parseLimits } from './limits.ts';

test('limits are named one by one; the others keep their defaults', () => {
  expect(parseLimits('runningJobsPerUser=none, submitsPerHour=20')).toEqual({
    ...defaultLimits,
    runningJobsPerUser: null,
    submitsPerHour: 20,
  });
});

test.each(['', 'submits=3', 'submitsPerHour', 'submitsPerHour=0', 'submitsPerHour=1.5', 'submitsPerHour=-1'])(
  'the limits %j are refused',
  (text) => {
    expect(() => parseLimits(text)).toThrow(/is no limit; there are|must be a whole number from 1, or none/);
  },
);
