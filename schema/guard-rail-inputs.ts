import type { Canary } from '../src/domain/canary.ts';
import type { GuardRailsCommand, JobLimits, JobLimitsCommand } from '../src/jobs/commands.ts';
import { builder } from './builder.ts';
import type { BuilderTypes } from './derive/derived-enum.ts';
import { DeadlineActionEnum, WeekdayEnum } from './enums.ts';

const ExecutionWindowInput = builder.inputType('ExecutionWindowInput', {
  description: 'Hours in which a job may run; outside of them it is PAUSED, and goes on by itself.',
  fields: (t) => ({
    days: t.field({
      type: [WeekdayEnum],
      required: true,
      defaultValue: [],
      description: 'Days on which it begins; all when empty.',
    }),
    from: t.string({ required: true, description: 'Local time at which it begins, like "22:00".' }),
    to: t.string({
      required: true,
      description: 'Local time at which it ends, like "06:00"; on the next day when it is not after `from`.',
    }),
    timeZone: t.string({ required: true, description: 'IANA name of the time zone, like "Europe/Berlin".' }),
  }),
});

const CanaryInput = builder.inputType('CanaryInput', {
  description: 'Items that run before all others, which then wait for `approveJob`.',
  isOneOf: true,
  fields: (t) => ({
    items: t.int({ description: 'So many of the first items.' }),
    percent: t.float({ description: 'A share of all items in percent: above 0, below 100.' }),
  }),
});

const FailureBreakerInput = builder.inputType('FailureBreakerInput', {
  description: 'Pauses a job in which too much fails; give `failures`, `percent` or both.',
  fields: (t) => ({
    failures: t.int({ description: 'So many failed items pause the job.' }),
    percent: t.float({
      description:
        'A greater share of the items that a stage is done with pauses the job, in percent: above 0, below 100.',
    }),
    minimumItems: t.int({
      required: true,
      defaultValue: 100,
      description: '`percent` counts once a stage is done with so many items.',
    }),
  }),
});

const BudgetInput = builder.inputType('BudgetInput', {
  description: 'What the items of a job may cost together; the job is paused before it costs more.',
  fields: (t) => ({
    amount: t.field({ type: 'Decimal', required: true, description: 'The most that it may cost.' }),
    unit: t.string({ required: true, description: 'The unit in which the job type counts its costs.' }),
  }),
});

const JobLimitsInput = builder.inputType('JobLimitsInput', {
  description: 'Limits of one job, beside those of its project and of the services that it calls.',
  fields: (t) => ({
    chunksAtOnce: t.int({ description: 'Chunks that run at a time: 1 to 100, and no more than the server allows.' }),
    itemsPerSecond: t.float({
      description:
        'Most items that begin a stage in a second, from 0.01 to 100,000, over all workers; a retry keeps to it.',
    }),
  }),
});

type InputFields = PothosSchemaTypes.InputFieldBuilder<BuilderTypes, 'InputObject'>;

/** The rails that can be changed while a job is under way. */
export function limitFields(t: InputFields) {
  return {
    deadlineMinutes: t.int({
      description: 'Minutes in which the job must have ended, 1 to 1,440: from its start, or from a change of this.',
    }),
    onDeadline: t.field({
      type: DeadlineActionEnum,
      description: 'What becomes of a job that has not ended by then; FAIL when left out.',
    }),
    window: t.field({ type: ExecutionWindowInput, description: 'Hours in which it may run.' }),
    breaker: t.field({ type: FailureBreakerInput, description: 'Pauses it when too much fails.' }),
    budget: t.field({ type: BudgetInput, description: 'What it may cost.' }),
    limits: t.field({ type: JobLimitsInput, description: 'How much of it runs at a time, and how fast.' }),
  };
}

/** All rails, those too that are given at submit only. */
export function guardRailFields(t: InputFields) {
  return {
    ...limitFields(t),
    startAt: t.field({ type: 'DateTime', description: 'When it begins; at once when left out.' }),
    canary: t.field({ type: CanaryInput, description: 'Items that run first, for you to look at.' }),
    dryRun: t.boolean({
      required: true,
      defaultValue: false,
      description: 'Validates everything, runs only stages that change nothing, and writes nothing but the report.',
    }),
  };
}

/** The fields above, as they come in. */
interface LimitInputs extends Omit<JobLimitsCommand, 'onDeadline' | 'breaker' | 'limits'> {
  onDeadline?: JobLimitsCommand['onDeadline'] | null;
  breaker?: { failures?: number | null; percent?: number | null; minimumItems: number } | null;
  limits?: JobLimits | null;
}
interface GuardRailInputs extends LimitInputs {
  startAt?: Date | null;
  canary?: { items?: number | null; percent?: number | null } | null;
  dryRun: boolean;
}

/** What is left out stays undefined, and null stays null: an update tells them apart. */
export function readLimits({
  deadlineMinutes,
  onDeadline,
  window,
  breaker,
  budget,
  limits,
}: LimitInputs): JobLimitsCommand {
  return {
    deadlineMinutes,
    onDeadline: onDeadline ?? undefined,
    window,
    breaker: breaker && { ...breaker, failures: breaker.failures ?? null, percent: breaker.percent ?? null },
    budget,
    limits: limits && { chunksAtOnce: limits.chunksAtOnce ?? null, itemsPerSecond: limits.itemsPerSecond ?? null },
  };
}

/** Undefined for a job without any, so that its input is what it was before there were rails. */
export function readGuardRails(input: GuardRailInputs): GuardRailsCommand | undefined {
  const { startAt, canary, dryRun } = input;
  const given = readLimits(input);
  // A rate alone is no rail: the job carries it itself.
  const limits = typeof given.limits?.chunksAtOnce === 'number' ? given.limits : undefined;
  const rails = withoutNulls({ ...given, limits, startAt, canary: canary && toCanary(canary) });
  if (Object.keys(rails).length === 0 && !dryRun) return undefined;
  return { ...rails, dryRun };
}

function withoutNulls(rails: GuardRailsCommand): GuardRailsCommand {
  return Object.fromEntries(Object.entries(rails).filter(([, value]) => value !== null && value !== undefined));
}

function toCanary({ items, percent }: { items?: number | null; percent?: number | null }): Canary {
  if (percent !== null && percent !== undefined) return { items: null, percent };
  // One of the two, by @oneOf; nothing at all is refused by the limits of `items`.
  return { items: items ?? 0, percent: null };
}
