import { costOf, spentOn } from '../src/domain/budget.ts';
import type { CanaryProjection, CanaryReport } from '../src/domain/canary.ts';
import { formatDecimal } from '../src/domain/exact-decimal.ts';
import type { ExecutionWindow } from '../src/domain/execution-window.ts';
import type { FailureBreaker } from '../src/domain/failure-breaker.ts';
import type { Budget, CanaryState, GuardRailSettings, ItemCosts } from '../src/domain/guard-rails.ts';
import type { GuardRail, Job } from '../src/jobs/reads/job-reads.ts';
import { builder } from './builder.ts';
import { CanaryStateEnum, DeadlineActionEnum, WeekdayEnum } from './enums.ts';
import { loadStages } from './loaders.ts';

export interface JobGuardRails {
  job: Job;
  rails: GuardRail;
}

const DeadlineType = builder.objectRef<NonNullable<GuardRailSettings['deadline']>>('Deadline').implement({
  description: 'By when a job must have ended; `Job.deadlineAt` is the moment.',
  fields: (t) => ({
    minutes: t.exposeInt('minutes', { description: 'Minutes from the start, or from the last change of this.' }),
    action: t.expose('action', { type: DeadlineActionEnum, description: 'What becomes of the job then.' }),
  }),
});

const ExecutionWindowType = builder.objectRef<ExecutionWindow>('ExecutionWindow').implement({
  description: 'Hours in which a job may run.',
  fields: (t) => ({
    days: t.field({
      type: [WeekdayEnum],
      description: 'Days on which it begins; all when empty.',
      resolve: ({ days }) => [...days],
    }),
    from: t.exposeString('from', { description: 'Local time at which it begins.' }),
    to: t.exposeString('to', { description: 'Local time at which it ends; on the next day when not after `from`.' }),
    timeZone: t.exposeString('timeZone', { description: 'IANA name of the time zone.' }),
  }),
});

const FailureBreakerType = builder.objectRef<FailureBreaker>('FailureBreaker').implement({
  description: 'What pauses a job in which too much fails.',
  fields: (t) => ({
    failures: t.exposeInt('failures', { nullable: true, description: 'So many failed items.' }),
    percent: t.exposeFloat('percent', {
      nullable: true,
      description: 'A greater share of the items that ended, in percent.',
    }),
    minimumItems: t.exposeInt('minimumItems', { description: '`percent` counts once so many items have ended.' }),
  }),
});

const BudgetType = builder.objectRef<Budget>('Budget').implement({
  description: 'What the items of a job may cost together.',
  fields: (t) => ({
    amount: t.expose('amount', { type: 'Decimal', description: 'The most that it may cost.' }),
    unit: t.exposeString('unit', { description: 'Currency or unit of the amount.' }),
  }),
});

const JobCostType = builder.objectRef<{ job: Job; costs: ItemCosts; spentBefore: string }>('JobCost').implement({
  description: 'What a job has cost.',
  fields: (t) => ({
    unit: t.string({ description: 'Currency or unit of the amounts.', resolve: ({ costs }) => costs.unit }),
    spent: t.field({
      type: 'Decimal',
      description: 'For items that its stages are done with, in all generations.',
      resolve: async ({ job, costs, spentBefore }, _, context) => {
        const stages = await loadStages(job.id, context);
        return spentOn(costs, spentBefore, Object.fromEntries(stages.map(({ name, completed }) => [name, completed])));
      },
    }),
    reserved: t.field({
      type: 'Decimal',
      description: 'For items in chunks that are running.',
      resolve: ({ job, costs }) => formatDecimal(costOf(costs, job.currentStage ?? '', job.running)),
    }),
  }),
});

const CanaryProjectionType = builder.objectRef<CanaryProjection>('CanaryProjection').implement({
  description: 'The whole job, if it goes on as its canary went.',
  fields: (t) => ({
    items: t.expose('items', { type: 'BigInt', description: 'All items of the job.' }),
    failed: t.expose('failed', { type: 'BigInt', description: 'Items that would fail.' }),
    durationMs: t.expose('durationMs', {
      type: 'BigInt',
      description: 'Milliseconds at the pace of the canary; more chunks at a time are quicker.',
    }),
    cost: t.expose('cost', {
      type: 'Decimal',
      nullable: true,
      description: 'What it would cost; null when its items cost nothing.',
    }),
  }),
});

export const CanaryReportType = builder.objectRef<CanaryReport>('CanaryReport').implement({
  description: 'How the canary of a job went.',
  fields: (t) => ({
    items: t.expose('items', { type: 'BigInt', description: 'Its items.' }),
    succeeded: t.expose('succeeded', { type: 'BigInt', description: 'Those that are done.' }),
    failed: t.expose('failed', { type: 'BigInt', description: 'Those that failed.' }),
    skipped: t.expose('skipped', { type: 'BigInt', description: 'Those that needed no work.' }),
    errorRate: t.exposeFloat('errorRate', { description: 'Share that failed, from 0 to 1.' }),
    durationMs: t.expose('durationMs', {
      type: 'BigInt',
      description: 'Milliseconds from the begin of its first chunk to the end of its last.',
    }),
    cost: t.expose('cost', {
      type: 'Decimal',
      nullable: true,
      description: 'What it cost; null when its items cost nothing.',
    }),
    unit: t.exposeString('unit', { nullable: true, description: 'Currency or unit of the costs.' }),
    projected: t.expose('projected', { type: CanaryProjectionType, description: 'What the whole job comes to.' }),
  }),
});

interface JobCanary {
  settings: NonNullable<GuardRailSettings['canary']>;
  state: CanaryState;
  report: CanaryReport | null;
}

const CanaryType = builder.objectRef<JobCanary>('Canary').implement({
  description: 'Items of a job that run before all others.',
  fields: (t) => ({
    items: t.int({
      nullable: true,
      description: 'So many of the first items.',
      resolve: ({ settings }) => settings.items,
    }),
    percent: t.float({
      nullable: true,
      description: 'A share of all items, in percent.',
      resolve: ({ settings }) => settings.percent,
    }),
    state: t.expose('state', { type: CanaryStateEnum, description: 'Where it stands.' }),
    report: t.expose('report', {
      type: CanaryReportType,
      nullable: true,
      description: 'How it went; null until its items have ended.',
    }),
  }),
});

export const GuardRailsType = builder.objectRef<JobGuardRails>('GuardRails').implement({
  description: 'What holds a job within bounds; null for a rail that it does not have.',
  fields: (t) => ({
    startAt: t.field({
      type: 'DateTime',
      nullable: true,
      description: 'When it begins at the earliest.',
      resolve: ({ rails }) => rails.startAt ?? null,
    }),
    dryRun: t.boolean({
      description: 'True when it writes nothing but its report.',
      resolve: ({ rails }) => rails.dryRun,
    }),
    deadline: t.field({
      type: DeadlineType,
      nullable: true,
      description: 'By when it must have ended.',
      resolve: ({ rails }) => rails.settings.deadline,
    }),
    window: t.field({
      type: ExecutionWindowType,
      nullable: true,
      description: 'Hours in which it may run.',
      resolve: ({ rails }) => rails.settings.window,
    }),
    canary: t.field({
      type: CanaryType,
      nullable: true,
      description: 'Items that run before all others.',
      resolve: ({ rails: { settings, canaryState: state, canaryReport } }) =>
        settings.canary && state ? { settings: settings.canary, state, report: canaryReport ?? null } : null,
    }),
    breaker: t.field({
      type: FailureBreakerType,
      nullable: true,
      description: 'What pauses it when too much fails.',
      resolve: ({ rails }) => rails.settings.breaker,
    }),
    budget: t.field({
      type: BudgetType,
      nullable: true,
      description: 'What it may cost.',
      resolve: ({ rails }) => rails.settings.budget,
    }),
    cost: t.field({
      type: JobCostType,
      nullable: true,
      description: 'What it has cost; null when its items cost nothing.',
      resolve: ({ job, rails: { costs, spentBefore } }) => (costs ? { job, costs, spentBefore } : null),
    }),
    chunksAtOnce: t.int({
      nullable: true,
      description: 'Chunks that run at a time; null when only the server limits them.',
      resolve: ({ rails }) => rails.settings.limits?.chunksAtOnce ?? null,
    }),
  }),
});
