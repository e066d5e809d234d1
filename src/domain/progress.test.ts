import { fc, test } from '@fast-check/vitest';
import { describe, expect } from 'vitest';
import { noItems } from './item-counts.ts';
import {
  doneShare,
  elapsedMs,
  etaMs,
  itemsPerSecond,
  percentDone,
  stagePercent,
  type JobProgressFacts,
  type StageProgress,
} from './progress.ts';

const start = new Date('2026-01-01T00:00:00Z');
const at = (seconds: number) => new Date(start.getTime() + seconds * 1_000);

const running: JobProgressFacts = { ...noItems, state: 'RUNNING', generation: 0, startedAt: start, pausedMs: 0 };

function stage(name: string, more: Partial<StageProgress>): StageProgress {
  return {
    name,
    kind: 'ITEMS',
    verb: 'Working',
    weight: 1,
    state: 'PENDING',
    generation: 0,
    total: null,
    completed: 0,
    failed: 0,
    startedAt: null,
    completedAt: null,
    ...more,
  };
}

const ingested = stage('INGEST', {
  kind: 'INGEST',
  weight: 0,
  state: 'COMPLETED',
  startedAt: start,
  completedAt: at(2),
});
const aggregate = stage('AGGREGATE', { kind: 'ONCE', weight: 0 });

describe('percent', () => {
  test('is 0 while the source is read, however many bad rows have failed by then', () => {
    const job = { ...running, total: 10, pending: 5, failed: 5 };
    const stages = [stage('INGEST', { kind: 'INGEST', weight: 0, state: 'RUNNING' }), stage('INSERT', {}), aggregate];
    expect(percentDone(job, stages)).toBe(0);
  });

  test('counts an item once where stages run side by side, however many it has come through', () => {
    // Ten items: four have ended in the last stage, one failed in the first, two are between the stages, three have not begun.
    const job = { ...running, total: 10, pending: 5, succeeded: 4, failed: 1 };
    const stages = [
      ingested,
      stage('DRAFT', { state: 'RUNNING', total: 10, completed: 7, failed: 1, weight: 1 }),
      stage('PUBLISH', { state: 'RUNNING', total: 9, completed: 4, weight: 3 }),
    ];
    // Five ended, and two are a quarter through.
    expect(percentDone(job, stages)).toBe(55);
  });

  test('of a job without items is that of its stages which are driven from outside', () => {
    const driven = (more: Partial<StageProgress>) =>
      stage('FETCH', { kind: 'ONCE', weight: 0, isExternal: true, ...more });
    const half = driven({ state: 'RUNNING', total: 10, completed: 5 });
    expect(percentDone(running, [ingested, driven({ state: 'COMPLETED' }), half, driven({}), aggregate])).toBe(50);
    expect(percentDone(running, [ingested, aggregate])).toBe(0);
    expect(percentDone({ ...running, state: 'COMPLETED' }, [driven({ state: 'COMPLETED' })])).toBe(100);
  });

  test('weighs the stages over items', () => {
    const stages = [
      ingested,
      stage('VALIDATE', { weight: 1, state: 'RUNNING', total: 100, completed: 50 }),
      stage('INSERT', { weight: 3 }),
      aggregate,
    ];
    expect(percentDone({ ...running, total: 100, pending: 100 }, stages)).toBe(12.5);
  });

  test('counts an item that has ended whole and the others by the stages behind them', () => {
    const stages = [
      ingested,
      stage('VALIDATE', { weight: 1, state: 'COMPLETED', total: 100, completed: 100 }),
      stage('INSERT', { weight: 3, state: 'RUNNING', total: 100, completed: 50 }),
    ];
    expect(percentDone({ ...running, total: 100, pending: 50, succeeded: 50 }, stages)).toBe(62.5);
  });

  test('of a redrive is about all items of the job', () => {
    const stages = [
      { ...ingested, generation: 1, state: 'RUNNING' as const },
      stage('VALIDATE', { state: 'COMPLETED', total: 100, completed: 100 }),
      stage('INSERT', { state: 'COMPLETED', total: 100, completed: 100 }),
    ];
    expect(percentDone({ ...running, generation: 1, total: 100, pending: 10, succeeded: 90 }, stages)).toBe(90);
  });

  test('of a job without items is 100 once it is COMPLETED, and 0 before', () => {
    expect(percentDone({ ...running, state: 'COMPLETED' }, [])).toBe(100);
    expect(percentDone(running, [])).toBe(0);
  });

  test('of a job without stages over items counts what has ended', () => {
    expect(percentDone({ ...running, total: 4, pending: 3, succeeded: 1 }, [aggregate])).toBe(25);
  });

  test('of a canceled job says how much had been done', () => {
    expect(percentDone({ ...running, state: 'CANCELED', total: 10, succeeded: 4, canceled: 6 }, [])).toBe(40);
  });

  const counts = fc.record({
    pending: fc.nat(1_000),
    running: fc.nat(1_000),
    succeeded: fc.nat(1_000),
    failed: fc.nat(1_000),
    skipped: fc.nat(1_000),
    canceled: fc.nat(1_000),
  });
  const anyJob = fc
    .record({
      counts,
      state: fc.constantFrom(
        'RUNNING' as const,
        'PAUSED' as const,
        'COMPLETED' as const,
        'CANCELED' as const,
        'FAILED' as const,
      ),
    })
    .map(({ counts: parts, state }): JobProgressFacts => {
      const total = Object.values(parts).reduce((sum, n) => sum + n, 0);
      return { ...running, ...parts, total, state };
    });
  const anyStages = fc.array(
    fc
      .record({ weight: fc.nat(5), completed: fc.nat(2_000), failed: fc.nat(500), done: fc.boolean() })
      .map(({ weight, completed, failed, done }) =>
        stage('S', { weight, completed: completed + failed, failed, state: done ? 'COMPLETED' : 'RUNNING' }),
      ),
    { maxLength: 4 },
  );

  test.prop([anyJob, anyStages])(
    'lies between 0 and 100, and is 100 only when a job has ended with all its items',
    (job, stages) => {
      const percent = percentDone(job, stages);
      expect(percent).toBeGreaterThanOrEqual(0);
      expect(percent).toBeLessThanOrEqual(100);
      if (percent < 100) return;
      expect(['COMPLETED', 'CANCELED', 'FAILED']).toContain(job.state);
      expect(job.pending + job.running + job.canceled).toBe(0);
    },
  );

  test.prop([fc.integer({ min: 1, max: 500 }), fc.array(fc.boolean(), { maxLength: 1_000 })])(
    'never falls while items come through the stages of one run',
    (total, steps) => {
      let validated = 0;
      let ended = 0;
      let previous = 0;
      for (const isFailure of steps) {
        const isValidating = validated < total;
        if (!isValidating && ended >= total) break;
        if (isValidating) validated++;
        if (!isValidating || isFailure) ended++;
        const stages = [
          ingested,
          stage('VALIDATE', {
            state: validated < total ? 'RUNNING' : 'COMPLETED',
            completed: validated,
            failed: isValidating ? ended : 0,
          }),
          stage('INSERT', { weight: 3 }),
        ];
        const share = doneShare({ ...running, total, pending: total - ended, succeeded: ended }, stages);
        expect(share).toBeGreaterThanOrEqual(previous - 1e-9);
        previous = share;
      }
    },
  );
});

describe('percent of a stage', () => {
  test('follows what it is done with', () => {
    expect(stagePercent({ state: 'RUNNING', total: 3, completed: 1 })).toBe(33.33);
  });

  test('is 100 only when it is COMPLETED', () => {
    expect(stagePercent({ state: 'RUNNING', total: 3, completed: 3 })).toBe(99.99);
    expect(stagePercent({ state: 'COMPLETED', total: null, completed: 0 })).toBe(100);
  });

  test('is 0 while its length is not known', () => {
    expect(stagePercent({ state: 'RUNNING', total: null, completed: 10 })).toBe(0);
  });
});

describe('elapsed time', () => {
  test('is 0 before the start', () => {
    expect(elapsedMs({ ...running, startedAt: null }, at(5))).toBe(0);
  });

  test('leaves out earlier pauses and stands still in the present one', () => {
    expect(elapsedMs({ ...running, pausedMs: 4_000 }, at(10))).toBe(6_000);
    expect(elapsedMs({ ...running, state: 'PAUSED', pausedAt: at(7), pausedMs: 1_000 }, at(60))).toBe(6_000);
  });

  test('ends with the job', () => {
    expect(elapsedMs({ ...running, state: 'COMPLETED', completedAt: at(3) }, at(60))).toBe(3_000);
    expect(elapsedMs({ ...running, state: 'FAILED' }, at(60))).toBe(60_000);
  });

  test('is never negative, whatever the clocks say', () => {
    expect(elapsedMs({ ...running, pausedMs: 90_000 }, at(10))).toBe(0);
  });
});

describe('speed and time of arrival', () => {
  const stages = [ingested, stage('INSERT', { state: 'RUNNING', total: 100, completed: 25 })];
  const job = { ...running, total: 100, pending: 75, succeeded: 25 };

  test('go by the time since the items were read', () => {
    expect(itemsPerSecond(job, stages, at(7))).toBe(5);
    expect(etaMs(job, stages, at(7))).toBe(15_000);
  });

  test('fall back to the whole time when pauses make the reading longer than it', () => {
    expect(itemsPerSecond({ ...job, pausedMs: 5_500 }, stages, at(7))).toBe(16.67);
  });

  test('are not known before anything is done', () => {
    expect(itemsPerSecond({ ...running, startedAt: null }, [], at(7))).toBe(0);
    expect(etaMs({ ...running, total: 100, pending: 100 }, stages.slice(0, 1), at(7))).toBeNull();
  });

  test('are not told of a job that is not running', () => {
    expect(etaMs({ ...job, state: 'PAUSED', pausedAt: at(6) }, stages, at(7))).toBeNull();
  });

  test('take a redrive of an earlier reading for no reading', () => {
    expect(itemsPerSecond(job, [{ ...ingested, generation: 1 }], at(5))).toBe(5);
    expect(itemsPerSecond(job, [{ ...ingested, completedAt: null }], at(5))).toBe(5);
  });
});
