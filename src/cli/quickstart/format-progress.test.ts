import { stripVTControlCharacters } from 'node:util';
import { expect, test } from 'vitest';
import { formatProgress, formatProgressLine } from './format-progress.ts';
import type { JobSnapshot, StageSnapshot } from './operations.ts';

const pending: StageSnapshot = {
  name: 'AGGREGATE',
  state: 'PENDING',
  total: 1,
  completed: 0,
  failed: 0,
  percent: 0,
  startedAt: null,
  completedAt: null,
};
const at = (seconds: number) => new Date(Date.UTC(2026, 0, 1, 12, 0, seconds));

const job: JobSnapshot = {
  id: '1',
  title: 'Quickstart',
  state: 'RUNNING',
  message: 'Inserting 45,500 of 100,000 (45.5 %)',
  progress: {
    percent: 45.5,
    total: 100_000,
    succeeded: 45_000,
    failed: 500,
    skipped: 0,
    elapsedMs: 6000,
    etaMs: 4000,
    itemsPerSecond: 22_750.4,
  },
  stages: [
    {
      ...pending,
      name: 'INGEST',
      state: 'COMPLETED',
      total: 100_000,
      completed: 100_000,
      failed: 700,
      percent: 100,
      startedAt: at(0),
      completedAt: at(2),
    },
    {
      ...pending,
      name: 'INSERT',
      state: 'RUNNING',
      total: 100_000,
      completed: 45_500,
      percent: 45.5,
      startedAt: at(2),
    },
    pending,
  ],
};

test('a bar for each stage, then the message and the figures', () => {
  const lines = formatProgress(job, { now: at(4), columns: 80 }).map(stripVTControlCharacters);
  expect(lines.join('\n')).toMatchInlineSnapshot(`
    "
      ✓ INGEST     ━━━━━━━━━━━━━━━  100,000 · 700 failed · 50,000/s · 2.0 s
      ▸ INSERT     ━━━━━━━────────  45,500 of 100,000 · 22,750/s · 2.4 s left
        AGGREGATE  ───────────────

      Inserting 45,500 of 100,000 (45.5 %)
      45,000 succeeded · 500 failed · 22,750 items/s · 6.0 s · about 4.0 s left"
  `);
});

test('without a terminal, one line tells it', () => {
  expect(stripVTControlCharacters(formatProgressLine(job))).toMatchInlineSnapshot(
    `"   45.5 %  RUNNING     Inserting 45,500 of 100,000 (45.5 %)  45,000 succeeded · 500 failed · 22,750 items/s · 6.0 s · about 4.0 s left"`,
  );
});
