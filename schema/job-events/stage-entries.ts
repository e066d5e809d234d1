import type { StageFigures } from '../../src/domain/job-event.ts';
import { builder } from '../builder.ts';
import { JobEventInterface } from '../job-event.ts';
import { countFields, errorFields, type Entry, type Fields } from './entry.ts';

builder.objectRef<Entry<'StageStarted'>>('StageStarted').implement({
  description: 'A stage began.',
  interfaces: [JobEventInterface],
  fields: (t) => stageFields(t),
});

builder.objectRef<Entry<'StageProgressed'>>('StageProgressed').implement({
  description: 'A stage came further without a chunk being done.',
  interfaces: [JobEventInterface],
  fields: (t) => ({ ...stageFields(t), ...countFields(t) }),
});

builder.objectRef<Entry<'StageCompleted'>>('StageCompleted').implement({
  description: 'A stage is over.',
  interfaces: [JobEventInterface],
  fields: (t) => stageFields(t),
});

builder.objectRef<Entry<'StageFailed'>>('StageFailed').implement({
  description: 'A stage broke, and the job with it.',
  interfaces: [JobEventInterface],
  fields: (t) => ({ ...stageFields(t), ...errorFields(t) }),
});

builder.objectRef<Entry<'StageDelayed'>>('StageDelayed').implement({
  description: 'A stage that is driven from outside failed for now.',
  interfaces: [JobEventInterface],
  fields: (t) => ({
    ...stageFields(t),
    ...errorFields(t),
    retryAt: t.field({
      type: 'DateTime',
      description: 'When it may be started again.',
      resolve: ({ data }) => data.retryAt,
    }),
  }),
});

function stageFields<Parent extends { data: StageFigures }>(t: Fields<Parent>) {
  return {
    stage: t.string({ description: 'Name of the stage.', resolve: ({ data }) => data.stage }),
    generation: t.int({
      description: 'The run that it belongs to: 0 is the first, 1 and up are redrives.',
      resolve: ({ data }) => data.generation,
    }),
    total: t.field({
      type: 'BigInt',
      nullable: true,
      description: 'Items of the stage; null while the length of the source is not known.',
      resolve: ({ data }) => data.total,
    }),
    completed: t.field({
      type: 'BigInt',
      description: 'Items that the stage is done with, failed ones included.',
      resolve: ({ data }) => data.completed,
    }),
    failed: t.field({
      type: 'BigInt',
      description: 'Items that failed in the stage.',
      resolve: ({ data }) => data.failed,
    }),
  };
}
