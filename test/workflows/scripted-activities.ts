import { Context } from '@temporalio/activity';
import type { Activities, NextStep } from '../../src/domain/activities.ts';

/** Chunks that one run of a partition gets here. */
export const batchChunks = 5;

/** Activities that follow a script of steps, and remember what was asked of them. */
export function scriptedActivities(
  steps: NextStep[],
  overrides: Partial<Activities> = {},
): { asked: string[]; activities: Activities } {
  const asked: string[] = [];
  const activities: Activities = {
    advanceJob: async () => steps.shift() ?? { kind: 'END' },
    listOpenChunks: async ({ first, last }) => {
      const indexes = Array.from({ length: last - first + 1 }, (_, offset) => first + offset);
      return { indexes: indexes.slice(0, batchChunks), hasMore: indexes.length > batchChunks };
    },
    mayGoOn: async () => true,
    ingestItems: async ({ generation }) => {
      asked.push(`ingest ${generation}`);
      return 'DONE';
    },
    runChunk: async ({ stage, index }) => {
      asked.push(`chunk ${stage}/${index}`);
      return 'DONE';
    },
    runOnceStage: async ({ stage }) => void asked.push(`once ${stage}`),
    writeExport: async ({ exportId }) => void asked.push(`export ${exportId}`),
    writeBack: async () => void asked.push('write back'),
    purgeJobs: async () => true,
    cleanUp: async () => true,
    ...overrides,
  };
  return { asked, activities };
}

/** Settles, as a chunk of a worker does, when its activity is canceled. */
export async function untilCanceled(): Promise<never> {
  const context = Context.current();
  const beat = setInterval(() => context.heartbeat(), 20);
  try {
    return await context.cancelled;
  } finally {
    clearInterval(beat);
  }
}
