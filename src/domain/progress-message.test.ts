import { describe, expect, test } from 'vitest';
import { noItems } from './item-counts.ts';
import { pauseReasons } from './job-state.ts';
import { formatCount, formatPercent, progressMessage, type JobMessageFacts } from './progress-message.ts';
import type { StageProgress } from './progress.ts';

const job: JobMessageFacts = {
  ...noItems,
  state: 'RUNNING',
  generation: 0,
  startedAt: new Date(0),
  pausedMs: 0,
  total: 100_000,
  pending: 100_000,
};

function stage(more: Partial<StageProgress>): StageProgress {
  return {
    name: 'S',
    kind: 'ITEMS',
    verb: 'Inserting',
    weight: 1,
    state: 'RUNNING',
    generation: 0,
    total: 100_000,
    completed: 45_500,
    failed: 0,
    startedAt: null,
    completedAt: null,
    ...more,
  };
}

const say = (more: Partial<JobMessageFacts>, ...stages: StageProgress[]) =>
  progressMessage({ ...job, ...more }, stages);

describe('the progress sentence of a running job', () => {
  test('says how far a stage is that is driven from outside', () => {
    const driven = { kind: 'ONCE', verb: 'FETCH:', isExternal: true } as const;
    const message = (more: Partial<StageProgress>) => say({ currentStage: 'S' }, stage({ ...driven, ...more }));
    expect(message({ completed: 5, total: 40 })).toBe('FETCH: 5 of 40 done');
    expect(message({ completed: 5, total: null })).toBe('FETCH: 5 done');
    expect(message({ state: 'PENDING' })).toBe('FETCH: waiting to be started');
  });

  test('says what its stage does and how far it is', () => {
    expect(say({ currentStage: 'S' }, stage({}))).toBe('Inserting 45,500 of 100,000 (45.5 %)');
  });

  test('goes by the items of the job while the stage does not know its own', () => {
    expect(say({ currentStage: 'S' }, stage({ total: null }))).toBe('Inserting 45,500 of 100,000 (45.5 %)');
    expect(say({ currentStage: 'S', total: 0, pending: 0 }, stage({ total: 0, completed: 0 }))).toBe(
      'Inserting 0 of 0 (0 %)',
    );
  });

  test('counts the rows that were read, of however many there are', () => {
    expect(say({ currentStage: 'S' }, stage({ kind: 'INGEST', total: null }))).toBe('Reading the source: 45,500 rows');
    expect(say({ currentStage: 'S' }, stage({ kind: 'INGEST' }))).toBe('Reading the source: 45,500 of 100,000 rows');
  });

  test('counts the bytes that were fetched, until the first rows are read', () => {
    const fetching = { kind: 'INGEST', total: null, completed: 0 } as const;
    const fetched = { bytes: 45_550_000, total: 1_234_500_000 };
    expect(say({ currentStage: 'S' }, stage({ ...fetching, fetched }))).toBe('Fetching the source: 45.6 of 1,234.5 MB');
    expect(say({ currentStage: 'S' }, stage({ ...fetching, fetched: { ...fetched, total: null } }))).toBe(
      'Fetching the source: 45.6 MB',
    );
    expect(say({ currentStage: 'S' }, stage({ ...fetching, completed: 1, fetched }))).toBe(
      'Reading the source: 1 rows',
    );
  });

  test('tells a redrive from a first reading', () => {
    expect(say({ currentStage: 'S' }, stage({ kind: 'INGEST', generation: 1, completed: 12 }))).toBe(
      'Selecting the failed items to run again: 12',
    );
  });

  test('names a stage that runs once', () => {
    expect(say({ currentStage: 'S' }, stage({ kind: 'ONCE', verb: 'Adding up' }))).toBe('Adding up the results');
    expect(say({ state: 'COMPLETING', currentStage: 'S' }, stage({ kind: 'ONCE', verb: 'Adding up' }))).toBe(
      'Adding up the results',
    );
  });

  test('says that it is completing once that stage is over', () => {
    expect(say({ state: 'COMPLETING', currentStage: 'S' }, stage({ kind: 'ONCE', state: 'COMPLETED' }))).toBe(
      'Completing',
    );
  });

  test('says that it begins while no stage is at work', () => {
    expect(say({})).toBe('Starting');
  });
});

test('the progress sentence names every other state', () => {
  const half = { succeeded: 50_000, pending: 50_000 };
  expect({
    PENDING: say({ state: 'PENDING' }),
    PAUSING: say({ state: 'PAUSING', ...half }),
    PAUSED: say({ state: 'PAUSED', ...half }),
    COMPLETING: say({ state: 'COMPLETING' }),
    COMPLETED: say({ state: 'COMPLETED', pending: 0, succeeded: 98_500, failed: 1_000, skipped: 500 }),
    'COMPLETED without items': say({ state: 'COMPLETED', total: 0 }),
    CANCELING: say({ state: 'CANCELING' }),
    CANCELED: say({ state: 'CANCELED', succeeded: 40_000, failed: 3, canceled: 59_997 }),
    'CANCELED before a start': say({ state: 'CANCELED', total: 0 }),
    FAILED: say({ state: 'FAILED', succeeded: 0, failed: 100_000 }),
    'FAILED for a reason': say({ state: 'FAILED', error: 'The source has no header.' }),
  }).toMatchInlineSnapshot(`
    {
      "CANCELED": "Canceled: 40,000 succeeded, 3 failed, 59,997 canceled",
      "CANCELED before a start": "Canceled before any item was read",
      "CANCELING": "Canceling: what is running comes to its end first",
      "COMPLETED": "Completed: 98,500 succeeded, 1,000 failed, 500 skipped",
      "COMPLETED without items": "Completed: the source held no items",
      "COMPLETING": "Completing",
      "FAILED": "Failed: 0 succeeded, 100,000 failed",
      "FAILED for a reason": "Failed: The source has no header.",
      "PAUSED": "Paused at 50 %",
      "PAUSING": "Pausing: what is running comes to its end first (50 %)",
      "PENDING": "Waiting to start",
    }
  `);
});

test('a pause is told with its reason', () => {
  expect(say({ state: 'PAUSED', pauseReason: null })).toBe('Paused at 0 %');
  expect(pauseReasons.map((pauseReason) => say({ state: 'PAUSED', pauseReason }))).toMatchInlineSnapshot(`
    [
      "Paused at 0 %",
      "Paused at 0 %: too many items failed",
      "Paused at 0 %: the budget is used up",
      "Paused at 0 %: it goes on in its next execution window",
      "Paused at 0 %: it waits for approval",
      "Paused at 0 %: an outside service asked to wait",
    ]
  `);
});

test('a state that the types rule out is a bug', () => {
  const broken = JSON.parse('{"state":"BROKEN","kind":"BROKEN","reason":"BROKEN"}');
  expect(() => say({ state: broken.state })).toThrow('Unexpected value: "BROKEN"');
  expect(() => say({ state: 'PAUSED', pauseReason: broken.reason })).toThrow('Unexpected value: "BROKEN"');
  expect(() => say({ currentStage: 'S' }, stage({ kind: broken.kind }))).toThrow('Unexpected value: "BROKEN"');
});

test('figures are written the way people read them', () => {
  expect(formatCount(1_234_567)).toBe('1,234,567');
  expect([0, 45.55, 99.99, 100].map(formatPercent)).toEqual(['0 %', '45.5 %', '99.9 %', '100 %']);
});

test('says where a job stands in line', () => {
  const job = { ...noItems, state: 'PENDING' as const, generation: 0, pausedMs: 0 };
  expect(progressMessage({ ...job, position: 1_200 }, [])).toBe('Waiting in line: number 1,200');
  expect(progressMessage({ ...job, position: null }, [])).toBe('Waiting to start');
});

test('a job that is to start later says until when it waits, whatever its place', () => {
  const startAt = new Date('2026-12-01T08:29:00.001Z');
  expect(say({ state: 'PENDING', startAt, position: 2 })).toBe('Waiting until 2026-12-01 08:30 UTC');
  expect(say({ state: 'PENDING', startAt: null, position: 2 })).toBe('Waiting in line: number 2');
});
