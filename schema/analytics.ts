import {
  analyticsGroups,
  findRangeProblem,
  itemSuccessRate,
  jobSuccessRate,
  type AnalyticsCost,
  type AnalyticsFigures,
  type AnalyticsGroup,
  type AnalyticsRange,
  type AnalyticsRow,
} from '../src/domain/analytics.ts';
import type { Analytics } from '../src/jobs/reads/job-reads.ts';
import { builder } from './builder.ts';
import { CallerType } from './caller.ts';
import { ItemCountsType } from './counts.ts';
import { JobTypeNameEnum } from './derive/registry-types.ts';
import { describedEnum } from './described-enum.ts';
import { JobStateEnum } from './enums.ts';
import { toGlobalId } from './global-id.ts';
import { refuse } from './refuse.ts';

const AnalyticsGroupEnum = describedEnum<AnalyticsGroup>(
  'AnalyticsGroup',
  'What figures are grouped by.',
  analyticsGroups,
  {
    DAY: 'The day, in UTC, on which a job ended; at most 3,660 days.',
    HOUR: 'The hour in which a job ended; at most 93 days.',
    JOB_TYPE: 'The type of the job.',
    STATE: 'How the job ended.',
    TEMPLATE: 'The template that the job was submitted with; the 1,000 with the most jobs.',
    CALLER: 'Who submitted the job; the 1,000 with the most jobs.',
  },
);

const AnalyticsCostType = builder.objectRef<AnalyticsCost>('AnalyticsCost').implement({
  description: 'What items cost, in one unit.',
  fields: (t) => ({
    unit: t.exposeString('unit', { description: 'Currency or unit of the amount.' }),
    amount: t.expose('amount', { type: 'Decimal', description: 'The exact amount.' }),
  }),
});

const AnalyticsFiguresType = builder.objectRef<AnalyticsFigures>('AnalyticsFigures').implement({
  description: 'Jobs that have ended, in figures.',
  fields: (t) => ({
    jobs: t.exposeInt('jobs', { description: 'All of them.' }),
    completed: t.exposeInt('completed', { description: 'Those that are COMPLETED.' }),
    failed: t.exposeInt('failed', { description: 'Those that are FAILED.' }),
    canceled: t.exposeInt('canceled', { description: 'Those that are CANCELED.' }),
    successRate: t.float({
      nullable: true,
      description: 'The share of them that is COMPLETED, from 0 to 1; null when there is none.',
      resolve: jobSuccessRate,
    }),
    items: t.expose('items', { type: ItemCountsType, description: 'Their items, by state.' }),
    itemSuccessRate: t.float({
      nullable: true,
      description: 'The share of the items that SUCCEEDED, of these and those that FAILED; null when there are none.',
      resolve: ({ items }) => itemSuccessRate(items),
    }),
    averageDurationMs: t.expose('averageDurationMs', {
      type: 'BigInt',
      nullable: true,
      description: 'Milliseconds that a job ran on average, without pauses; null when none ran.',
    }),
    p95DurationMs: t.expose('p95DurationMs', {
      type: 'BigInt',
      nullable: true,
      description:
        'Milliseconds that 95 % of the jobs did not exceed: exactly, the duration of one of them; null when none ran.',
    }),
    costs: t.expose('costs', {
      type: [AnalyticsCostType],
      description: 'What their items cost, all runs together, in each unit that there is.',
    }),
  }),
});

const AnalyticsRowType = builder.objectRef<AnalyticsRow>('AnalyticsRow').implement({
  description: 'The figures of one group.',
  fields: (t) => ({
    key: t.exposeString('key', { description: 'Names the group among the others.' }),
    startsAt: t.expose('startsAt', {
      type: 'DateTime',
      nullable: true,
      description: 'When the day or the hour begins; null in groups of another kind.',
    }),
    type: t.field({
      type: JobTypeNameEnum,
      nullable: true,
      description: 'The type of the jobs; null in groups of another kind.',
      resolve: ({ type }) => type,
    }),
    state: t.expose('state', {
      type: JobStateEnum,
      nullable: true,
      description: 'How the jobs ended; null in groups of another kind.',
    }),
    caller: t.expose('caller', {
      type: CallerType,
      nullable: true,
      description: 'Who submitted the jobs; null in groups of another kind, and for jobs from before this was kept.',
    }),
    templateId: t.id({
      nullable: true,
      description:
        'The template of the jobs, which may be deleted; null in groups of another kind, and for jobs without one.',
      resolve: ({ templateId }) => templateId && toGlobalId('Template', templateId),
    }),
    figures: t.field({ type: AnalyticsFiguresType, description: 'The figures.', resolve: (row) => row }),
  }),
});

const AnalyticsType = builder
  .objectRef<Analytics & { range: AnalyticsRange; groupBy: AnalyticsGroup }>('Analytics')
  .implement({
    description:
      'Jobs that ended in a range of time, in figures, all from one moment. Deleted jobs count: their figures outlive them.',
    fields: (t) => ({
      from: t.field({ type: 'DateTime', description: 'When the range begins.', resolve: ({ range }) => range.from }),
      to: t.field({ type: 'DateTime', description: 'Before when it ends.', resolve: ({ range }) => range.to }),
      groupBy: t.expose('groupBy', { type: AnalyticsGroupEnum, description: 'What the groups are.' }),
      total: t.expose('total', { type: AnalyticsFiguresType, description: 'The figures of all jobs in the range.' }),
      groups: t.expose('groups', {
        type: [AnalyticsRowType],
        description: 'Groups that have jobs: days and hours in their order, others those with the most jobs first.',
      }),
    }),
  });

builder.queryField('analytics', (t) =>
  t.field({
    type: AnalyticsType,
    access: 'READ',
    description: "The project's jobs that ended in a range of time, in figures.",
    args: {
      from: t.arg({ type: 'DateTime', required: true, description: 'Jobs that ended at this moment or later.' }),
      to: t.arg({ type: 'DateTime', required: true, description: 'Jobs that ended before this moment.' }),
      groupBy: t.arg({ type: AnalyticsGroupEnum, required: true, description: 'What the figures are grouped by.' }),
    },
    resolve: async (_, { from, to, groupBy }, { services, viewer }) => {
      const range = { from, to };
      const problem = findRangeProblem(range, groupBy);
      if (problem !== null) throw refuse('INVALID_INPUT', problem);
      return { ...(await services.reads.readAnalytics(viewer, range, groupBy)), range, groupBy };
    },
  }),
);
