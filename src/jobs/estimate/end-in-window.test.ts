import { expect, test } from 'vitest';
import { endInWindow } from './end-in-window.ts';

const hourMs = 3_600_000;
const night = { days: [], from: '22:00', to: '06:00', timeZone: 'UTC' };
const at = (time: string) => Date.parse(`2026-11-20T${time}:00Z`);

test('without a window work ends when it is done', () => {
  expect(endInWindow(null, at('12:00'), 5)).toBe(at('12:00') + 5);
});

test('work that begins outside of its window waits for it, and rests over the day', () => {
  expect(endInWindow(night, at('12:00'), hourMs)).toBe(at('23:00'));
  expect(endInWindow(night, at('12:00'), 9 * hourMs)).toBe(at('23:00') + 24 * hourMs);
});

test('work of years has no end that can be told', () => {
  expect(endInWindow(night, at('12:00'), 1e15)).toBeNull();
});
