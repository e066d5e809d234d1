import { z } from 'zod';
import { priorities } from '../../src/domain/job.ts';
import { builder } from '../builder.ts';
import { JobTypeNameEnum } from '../derive/registry-types.ts';
import { JobStateEnum, PauseReasonEnum, PriorityEnum } from '../enums.ts';
import { JobEventInterface } from '../job-event.ts';
import type { Entry } from './entry.ts';

builder.objectRef<Entry<'JobSubmitted'>>('JobSubmitted').implement({
  description: 'The job was accepted.',
  interfaces: [JobEventInterface],
  fields: (t) => ({
    title: t.string({ description: 'Title of the job.', resolve: ({ data }) => data.title }),
    type: t.field({ type: JobTypeNameEnum, description: 'Type of the job.', resolve: ({ data }) => data.type }),
    priority: t.field({
      type: PriorityEnum,
      description: 'Priority of the job.',
      resolve: ({ data }) => z.enum(priorities).parse(data.priority),
    }),
    by: t.string({ description: 'Who submitted it.', resolve: ({ data }) => data.by }),
  }),
});

builder.objectRef<Entry<'JobStateChanged'>>('JobStateChanged').implement({
  description: 'The job went from one state to another.',
  interfaces: [JobEventInterface],
  fields: (t) => ({
    from: t.field({ type: JobStateEnum, description: 'The state before.', resolve: ({ data }) => data.from }),
    to: t.field({ type: JobStateEnum, description: 'The state since.', resolve: ({ data }) => data.to }),
    reason: t.field({
      type: PauseReasonEnum,
      nullable: true,
      description: 'Why it is paused; null when it is not.',
      resolve: ({ data }) => data.reason,
    }),
    by: t.string({ description: 'Who or what did it.', resolve: ({ data }) => data.by }),
    message: t.string({
      nullable: true,
      description: 'More about it, for people.',
      resolve: ({ data }) => data.message,
    }),
  }),
});

builder.objectRef<Entry<'JobRedriven'>>('JobRedriven').implement({
  description: 'The failed items of the job run again.',
  interfaces: [JobEventInterface],
  fields: (t) => ({
    generation: t.int({ description: 'Number of the redrive, from 1.', resolve: ({ data }) => data.generation }),
    selected: t.field({
      type: 'BigInt',
      description: 'How many items run again.',
      resolve: ({ data }) => data.selected,
    }),
    by: t.string({ description: 'Who asked for it.', resolve: ({ data }) => data.by }),
  }),
});

builder.objectRef<Entry<'ItemsDeleted'>>('ItemsDeleted').implement({
  description: 'The time of the items was over; they and their results are deleted.',
  interfaces: [JobEventInterface],
  fields: (t) => ({
    items: t.field({ type: 'BigInt', description: 'How many items the job had.', resolve: ({ data }) => data.items }),
  }),
});
