import { setTimeout as delay } from 'node:timers/promises';
import { z } from 'zod';
import { countOf, jobCount } from '../../aggregates/declare-aggregates.ts';
import type { WorkerKind } from '../../domain/worker-kind.ts';
import { rateLimits } from '../../domain/bucket.ts';
import { decimal, oneOf } from '../fields.ts';
import { defineJobType, type ItemOutcome, type WorkItem } from '../define-job-type.ts';
import { draftFile, publishFile } from './echo-files.ts';

const item = z.object({
  value: z.string().max(10_000).optional().describe('Text that comes back as the output.'),
  fail: z.boolean().optional().describe('True fails this item, whatever the failure rate.'),
});

const workerKind = oneOf<WorkerKind>({
  DEFAULT: 'Any worker.',
  ENCODE: 'One that encodes videos.',
  ENCODE_4K: 'One that encodes videos in 4K.',
});

const options = z.object({
  delayMs: z.number().int().min(0).max(60_000).default(0).describe('Milliseconds that each item takes.'),
  failureRate: z
    .number()
    .min(0)
    .max(1)
    .default(0)
    .describe('Share of items that fail, from 0 to 1; the same items in every run.'),
  transientFailureRate: z
    .number()
    .min(0)
    .max(1)
    .default(0)
    .describe('Share of items whose first try fails and whose second succeeds, from 0 to 1.'),
  costPerItem: decimal('What each item counts against a budget, in credits.').default('0'),
  serviceItemsPerSecond: z
    .number()
    .min(rateLimits.min)
    .max(rateLimits.max)
    .optional()
    .describe('Items a second that a make-believe service takes, from all echo jobs of the project together.'),
  retryAfterMs: z
    .number()
    .int()
    .min(0)
    .max(3_600_000)
    .optional()
    .describe('Milliseconds that the service asks to wait whenever a first try fails by `transientFailureRate`.'),
  files: z
    .object({
      byteSize: z.number().int().min(0).max(100_000_000).default(1_000).describe('Size of each file, in bytes.'),
      worker: workerKind.default('DEFAULT').describe('Kind of worker that makes them.'),
    })
    .optional()
    .describe('Makes a text file of each item, in two stages; none when left out.'),
  locksValues: z
    .boolean()
    .default(false)
    .describe('True: items of one value never run at the same time in two chunks, unless the job says otherwise.'),
  outputBytes: z.number().int().min(0).max(100_000).default(0).describe('Size of the filler in each output, in bytes.'),
});

const output = z.object({
  value: z.string().nullable().describe('The text of the item.'),
  filler: z.string().nullable().describe('As many characters as the options ask for.'),
});

type Item = z.output<typeof item>;
type Options = z.output<typeof options>;
type Output = z.input<typeof output>;

/** Gives every item back: for tests, benchmarks and first steps. */
export const echo = defineJobType({
  name: 'echo',
  itemName: 'Echo',
  title: 'Echo',
  description: 'Gives every item back, as slowly and as unreliably as asked: for first steps, tests and benchmarks.',
  item,
  options,
  link: ({ output: { value } }) => (typeof value === 'string' && /^https?:\/\//.test(value) ? value : null),
  output,
  aggregates: {
    count: jobCount('total', 'Items of the job.'),
    succeeded: jobCount('succeeded', 'Items that came back.'),
    failed: jobCount('failed', 'Items that failed.'),
    withValue: countOf('output.value', 'Items that came back with a text.'),
  },
  declaredItemsPerSecond: 20_000,
  estimate: { weighs: ['delayMs'] },
  costUnit: 'CREDIT',
  makesFiles: ({ files }) => files !== undefined,
  lockKey: ({ locksValues }) => (locksValues ? 'value' : null),
  stages: [
    {
      kind: 'ITEMS',
      name: 'DRAFT',
      verb: 'Drafting',
      transactional: false,
      isWanted: ({ files }) => files !== undefined,
      worker: ({ files }) => files?.worker ?? 'DEFAULT',
      chunkSize: 1,
      batchSize: 1,
      concurrency: 4,
      process: (items, context) => Promise.all(items.map((each) => draftFile(each, context))),
    },
    {
      kind: 'ITEMS',
      name: 'ECHO',
      verb: 'Echoing',
      transactional: false,
      isWithoutEffect: true,
      costPerItem: ({ costPerItem }) => costPerItem,
      batchSize: 100,
      concurrency: 4,
      provider: ({ serviceItemsPerSecond }) =>
        serviceItemsPerSecond === undefined ? null : { name: 'echo', itemsPerSecond: serviceItemsPerSecond },
      process: async (items, context) => {
        if (context.options.delayMs > 0) await delay(context.options.delayMs, undefined, { signal: context.signal });
        const outcomes = items.map((each) => ({ item: each, outcome: echoItem(each, context.options) }));
        if (!context.options.files) return outcomes.map(({ outcome }) => outcome);
        return await Promise.all(outcomes.map((each) => publishFile(each, context)));
      },
    },
  ],
  example: {
    options: { delayMs: 10, failureRate: 0.1 },
    items: [{ value: 'one' }, { value: 'two' }, { value: 'three' }],
  },
});

function echoItem({ index, input, attempt }: WorkItem<Item>, options: Options): ItemOutcome<Output> {
  if (input.fail || share(index) < options.failureRate) {
    return { state: 'FAILED', error: { code: 'ECHO_FAILED', message: `Item ${index} was asked to fail.` } };
  }
  if (attempt === 1 && share(index + 1) < options.transientFailureRate) {
    return {
      state: 'FAILED',
      error: {
        code: 'ECHO_BUSY',
        message: `Item ${index} was asked to fail at first.`,
        retryable: true,
        ...(options.retryAfterMs === undefined ? {} : { retryAfterMs: options.retryAfterMs }),
      },
    };
  }
  const filler = options.outputBytes > 0 ? 'x'.repeat(options.outputBytes) : null;
  return { state: 'SUCCEEDED', output: { value: input.value ?? null, filler } };
}

/** Spreads indexes over [0, 1) evenly and the same in every run (golden-ratio hashing, Knuth TAOCP 3, 6.4). */
function share(index: number): number {
  return (index * 0.618_033_988_749_895) % 1;
}
