import { expect, test } from 'vitest';
import { describeDuration } from './duration.ts';

test('a length of time is told no more exactly than an estimate is', () => {
  const seconds = [0, 9, 12, 54, 60, 90, 300, 3_290, 3_600, 7_200, 90_000, 200_000];
  expect(seconds.map((each) => describeDuration(each * 1_000))).toMatchInlineSnapshot(`
    [
      "a few seconds",
      "a few seconds",
      "about 20 seconds",
      "about a minute",
      "about a minute",
      "about 2 minutes",
      "about 5 minutes",
      "about 55 minutes",
      "about an hour",
      "about 2 hours",
      "about 25 hours",
      "about 2 days",
    ]
  `);
});
