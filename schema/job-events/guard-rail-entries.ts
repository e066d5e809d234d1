import { builder } from '../builder.ts';
import { DeadlineActionEnum } from '../enums.ts';
import { CanaryReportType } from '../guard-rails.ts';
import { JobEventInterface } from '../job-event.ts';
import type { Entry } from './entry.ts';

builder.objectRef<Entry<'BreakerTripped'>>('BreakerTripped').implement({
  description: 'So many items failed that the job is paused.',
  interfaces: [JobEventInterface],
  fields: (t) => ({
    generation: t.int({ description: 'The run that it happened in.', resolve: ({ data }) => data.generation }),
    stage: t.string({
      nullable: true,
      description: 'The stage with too great a share of failures; null when there are too many over all stages.',
      resolve: ({ data }) => data.stage,
    }),
    failed: t.field({
      type: 'BigInt',
      description: 'Items that failed since the job began or was last resumed.',
      resolve: ({ data }) => data.failed,
    }),
    ended: t.field({
      type: 'BigInt',
      description: 'Items that the stage is done with since then, failed ones included.',
      resolve: ({ data }) => data.ended,
    }),
  }),
});

builder.objectRef<Entry<'BudgetReached'>>('BudgetReached').implement({
  description: 'What is left of the budget does not cover the next chunk: the job is paused.',
  interfaces: [JobEventInterface],
  fields: (t) => ({
    amount: t.field({ type: 'Decimal', description: 'The budget.', resolve: ({ data }) => data.amount }),
    unit: t.string({ description: 'Currency or unit of the amounts.', resolve: ({ data }) => data.unit }),
    spent: t.field({ type: 'Decimal', description: 'What was spent.', resolve: ({ data }) => data.spent }),
    reserved: t.field({
      type: 'Decimal',
      description: 'What chunks that were running would cost.',
      resolve: ({ data }) => data.reserved,
    }),
    needed: t.field({
      type: 'Decimal',
      description: 'What the next chunk would cost.',
      resolve: ({ data }) => data.needed,
    }),
  }),
});

builder.objectRef<Entry<'CanaryCompleted'>>('CanaryCompleted').implement({
  description: 'All items of the canary have ended.',
  interfaces: [JobEventInterface],
  fields: (t) => ({
    report: t.field({ type: CanaryReportType, description: 'How it went.', resolve: ({ data }) => data }),
  }),
});

builder.objectRef<Entry<'DeadlineApproaching'>>('DeadlineApproaching').implement({
  description: 'A tenth of the time is left until the job must have ended.',
  interfaces: [JobEventInterface],
  fields: (t) => ({
    deadlineAt: t.field({
      type: 'DateTime',
      description: 'When it must have ended.',
      resolve: ({ data }) => data.deadlineAt,
    }),
    action: t.field({
      type: DeadlineActionEnum,
      description: 'What becomes of it then.',
      resolve: ({ data }) => data.action,
    }),
  }),
});

builder.objectRef<Entry<'LimitsChanged'>>('LimitsChanged').implement({
  description: 'Guard rails of the job are others now.',
  interfaces: [JobEventInterface],
  fields: (t) => ({
    changed: t.stringList({
      description: 'Which, by their names in `UpdateJobLimitsInput`.',
      resolve: ({ data }) => data.changed,
    }),
    by: t.string({ description: 'Who changed them.', resolve: ({ data }) => data.by }),
  }),
});
