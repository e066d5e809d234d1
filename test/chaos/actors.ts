import { setTimeout as delay } from 'node:timers/promises';
import type { Random } from '../../src/cli/quickstart/random.ts';
import type { ItemCounts } from '../../src/domain/item-counts.ts';
import type { JobState } from '../../src/domain/job-state.ts';
import { hasEnded, type Jobs } from './jobs.ts';

/** Somebody with one kind of job, who submits the next one when it has ended. */
export interface Actor {
  name: string;
  play(part: Part): Promise<Expectation>;
}

export interface Part {
  jobs: Jobs;
  random: Random;
  /** Unlike that of any other part. */
  title: string;
  /** Tells those who follow jobs of this one. */
  submitted(jobId: string): void;
}

/** How the job must have ended, whatever happened on the way. */
export interface Expectation {
  jobId: string;
  states: readonly JobState[];
  counts: Partial<ItemCounts>;
}

const exports = [{ format: 'JSONL' }];

export const actors: readonly Actor[] = [
  {
    name: 'books and books again what was refused',
    play: async ({ jobs, title, random, submitted }) => {
      const rows = 1_000 + random.below(1_500);
      const { content, bad, repeated } = transactionsCsv(title, rows);
      const uploadId = await jobs.upload('transactions.csv', content);
      const jobId = await jobs.submit({
        title,
        idempotencyKey: title,
        chunkSize: 50,
        spec: { transactions: { onDuplicate: 'FAIL' } },
        source: { upload: { uploadId } },
        exports,
      });
      submitted(jobId);
      await jobs.reach(jobId, () => false);
      await jobs.control(jobId, 'RETRY', { spec: { transactions: { onDuplicate: 'SKIP' } } });
      await jobs.reach(jobId, () => false);
      const counts = { total: rows, succeeded: rows - bad - repeated, failed: bad, skipped: repeated };
      return { jobId, states: ['COMPLETED'], counts };
    },
  },
  {
    name: 'is quick, with exports',
    play: async ({ jobs, title, random, submitted }) => {
      const total = 300 + random.below(700);
      const jobId = await jobs.submit(echo({ title, total, chunkSize: 50, exports: [...exports, { format: 'CSV' }] }));
      submitted(jobId);
      await jobs.reach(jobId, () => false);
      return { jobId, states: ['COMPLETED'], counts: { total, succeeded: total } };
    },
  },
  {
    name: 'pauses and resumes all the time',
    play: async ({ jobs, title, random, submitted }) => {
      const total = 400;
      const jobId = await jobs.submit(echo({ title, total, chunkSize: 5, options: { delayMs: 400 } }));
      submitted(jobId);
      for (let pauses = 3 + random.below(4); pauses > 0; pauses -= 1) {
        if (hasEnded(await jobs.reach(jobId, ({ state }) => state === 'RUNNING'))) break;
        await delay(random.below(1_000));
        await jobs.control(jobId, 'PAUSE');
        await jobs.reach(jobId, ({ state }) => state === 'PAUSED');
        await delay(random.below(2_000));
        await jobs.control(jobId, 'RESUME');
      }
      await jobs.reach(jobId, () => false);
      return { jobId, states: ['COMPLETED'], counts: { total, succeeded: total } };
    },
  },
  {
    name: 'cancels in the middle',
    play: async ({ jobs, title, random, submitted }) => {
      const total = 900;
      const jobId = await jobs.submit(echo({ title, total, chunkSize: 5, options: { delayMs: 500 } }));
      submitted(jobId);
      const enough = 1 + random.below(100);
      await jobs.reach(jobId, ({ succeeded }) => succeeded >= enough);
      await jobs.control(jobId, 'CANCEL');
      await jobs.reach(jobId, () => false);
      return { jobId, states: ['CANCELED'], counts: { total, failed: 0, skipped: 0, pending: 0, running: 0 } };
    },
  },
  {
    name: 'runs in lanes, and again what failed',
    play: async ({ jobs, title, submitted }) => {
      const total = 600;
      const options = { failureRate: 0.1, transientFailureRate: 0.1, delayMs: 20 };
      const jobId = await jobs.submit(echo({ title, total, chunkSize: 4, options }));
      submitted(jobId);
      await jobs.reach(jobId, () => false);
      await jobs.control(jobId, 'RETRY', { spec: { echo: {} } });
      await jobs.reach(jobId, () => false);
      return { jobId, states: ['COMPLETED'], counts: { total, succeeded: total } };
    },
  },
  {
    name: 'waits for an approval, within a budget',
    play: async ({ jobs, title, submitted }) => {
      const total = 200;
      const job = echo({ title, total, chunkSize: 10, options: { costPerItem: '0.5', delayMs: 50 } });
      const budget = { amount: String(total / 2), unit: 'CREDIT' };
      const jobId = await jobs.submit({ ...job, canary: { items: 30 }, budget });
      submitted(jobId);
      await jobs.reach(jobId, ({ state }) => state === 'PAUSED');
      await jobs.control(jobId, 'APPROVE');
      await jobs.reach(jobId, () => false);
      return { jobId, states: ['COMPLETED'], counts: { total, succeeded: total } };
    },
  },
];

interface EchoJob {
  title: string;
  total: number;
  chunkSize: number;
  options?: Record<string, unknown>;
  exports?: { format: string }[];
}

function echo({ title, total, options = {}, ...more }: EchoJob) {
  const items = Array.from({ length: total }, (_, index) => ({ value: `${title} ${index}` }));
  return { title, idempotencyKey: title, spec: { echo: options }, source: { inline: { items } }, ...more };
}

/** One in fifty rows has a currency that does not exist, one in forty repeats the reference of the row before. */
function transactionsCsv(title: string, rows: number): { content: Buffer; bad: number; repeated: number } {
  let [bad, repeated] = [0, 0];
  const lines = Array.from({ length: rows }, (_, index) => {
    const isBad = index % 50 === 25;
    const isRepeated = index % 40 === 1;
    bad += Number(isBad);
    repeated += Number(isRepeated);
    const reference = `${title}-${isRepeated ? index - 1 : index}`;
    return `${reference},ACC-${index % 97},${index}.25,${isBad ? 'NOPE' : 'EUR'},2026-01-02T03:04:05Z,Row ${index}`;
  });
  const header = 'reference,account,amount,currency,occurredAt,description';
  return { content: Buffer.from([header, ...lines, ''].join('\n')), bad, repeated };
}
