import { z } from 'zod';
import { jobCount } from '../../aggregates/declare-aggregates.ts';
import { ingestStageName } from '../../domain/stage-plan.ts';
import { defineJobType } from '../define-job-type.ts';

const reserved = [ingestStageName, 'AGGREGATE'];

const stage = z.object({
  name: z
    .string()
    .regex(/^[A-Z][A-Z0-9_]{0,49}$/, 'must be in capitals, like CONTENT_FETCH')
    .refine((name) => !reserved.includes(name), `must not be one of ${reserved.join(', ')}`)
    .describe('Name of the stage, unique in the job, like CONTENT_FETCH.'),
  over: z
    .enum(['JOB', 'ITEMS'])
    .default('JOB')
    .meta({
      description: 'Whether the stage is driven as a whole or run over the items.',
      values: {
        JOB: 'A service drives it: `startStage`, `updateStageProgress`, `completeStage`, `failStage`.',
        ITEMS: 'Workers take its chunks: `claimChunk`, `heartbeatChunk`, `completeChunk`, `failChunk`.',
      },
    }),
});

const options = z.object({
  stages: z
    .array(stage)
    .min(1)
    .max(20)
    .refine((stages) => new Set(stages.map(({ name }) => name)).size === stages.length, 'must have different names')
    .describe('Its stages, in their order.'),
});

const item = z.looseObject({
  key: z.string().max(500).optional().describe("The item's own name."),
});

const output = z.object({
  data: z.record(z.string(), z.unknown()).nullable().default(null).describe('What the worker made of the item.'),
});

/** A job whose work is done elsewhere, in any language. See docs/external-workers.md. */
export const external = defineJobType({
  name: 'external',
  itemName: 'External',
  title: 'External',
  description: 'Work that is done outside: its stages are driven by your own service, or run by your own workers.',
  item,
  options,
  output,
  itemKey: ({ key }) => key ?? '',
  aggregates: {
    count: jobCount('total', 'Items of the job.'),
    succeeded: jobCount('succeeded', 'Items that succeeded.'),
    failed: jobCount('failed', 'Items that failed.'),
    skipped: jobCount('skipped', 'Items that needed no work.'),
  },
  declaredItemsPerSecond: 100,
  externalStages: ({ stages }) =>
    stages.map(({ name, over }) => ({ name, kind: over === 'ITEMS' ? ('ITEMS' as const) : ('ONCE' as const) })),
  stages: [],
  example: {
    options: { stages: [{ name: 'CONTENT_FETCH' }, { name: 'TRANSCRIPTION', over: 'ITEMS' }] },
    items: [{ key: 'talk', url: 'https://example.com/talk.mp3' }],
  },
});
