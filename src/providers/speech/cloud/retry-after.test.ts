import { expect, test } from 'vitest';
import { readRetryAfter } from './retry-after.ts';

test('Retry-After is seconds or a date, and never in the past', () => {
  const now = Date.parse('2026-01-01T00:00:00Z');
  expect(readRetryAfter('2', now)).toBe(2_000);
  expect(readRetryAfter('0.25', now)).toBe(250);
  expect(readRetryAfter('Thu, 01 Jan 2026 00:00:30 GMT', now)).toBe(30_000);
  expect(readRetryAfter('Wed, 31 Dec 2025 00:00:00 GMT', now)).toBe(0);
  for (const header of [null, undefined, '', 'soon']) expect(readRetryAfter(header, now)).toBeUndefined();
});
