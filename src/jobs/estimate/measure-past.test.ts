import { expect, test } from 'vitest';
import { measureItem, type MeasuredJob } from './measure-past.ts';

const guess = (workMs: number) => ({ workMs, bytes: workMs * 10 });
const job = (items: number, durationMs: number, guesses: number[]): MeasuredJob => ({
  id: '',
  options: {},
  items,
  durationMs,
  fileBytes: 0,
  guesses: guesses.map(guess),
});
const measure = (past: MeasuredJob[], guesses: number[]) =>
  measureItem(past, guesses.map(guess), 'workMs', ({ durationMs }) => durationMs);

test('without guesses an item takes what those of the jobs took on average, larger jobs counting more', () => {
  expect(measure([job(90, 900, []), job(10, 200, [])], [])).toEqual({
    expected: 11,
    least: 10,
    most: 20,
    basis: 'MEASURED',
  });
});

test('guesses are held to how far those of the jobs were off, so that longer items take more', () => {
  // One took twice as long as guessed, one four times.
  const past = [job(10, 2_000, [100]), job(10, 4_000, [50, 150])];
  expect(measure(past, [500])).toEqual({ expected: 1_500, least: 1_000, most: 2_000, basis: 'MEASURED' });
});

test('jobs whose items are gone count only where there are no others', () => {
  const gone = job(10, 9_000, []);
  expect(measure([gone, job(10, 2_000, [100])], [500])?.expected).toBe(1_000);
  expect(measure([gone], [500])?.expected).toBe(900);
});

test('without jobs nothing is measured', () => {
  expect(measure([], [500])).toBeNull();
});
