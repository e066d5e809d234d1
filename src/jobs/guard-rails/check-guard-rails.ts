import { z } from 'zod';
import { rateLimits } from '../../domain/bucket.ts';
import { InvalidInputError } from '../../domain/errors.ts';
import { isTimeZone, weekdays } from '../../domain/execution-window.ts';
import { deadlineActions, deadlineLimits } from '../../domain/guard-rails.ts';
import { windowLimits } from '../../domain/partitions.ts';
import type { JobType } from '../../job-types/define-job-type.ts';
import { stagesToRun } from '../../job-types/stages-to-run.ts';
import type { GuardRailsCommand } from '../commands.ts';
import { itemCosts } from './item-costs.ts';

const localTime = z.string().regex(/^([01]\d|2[0-3]):[0-5]\d$/, 'must be a local time like "22:00"');

const schema = z.object({
  startAt: z.date().nullish(),
  deadlineMinutes: z.number().int().min(deadlineLimits.minMinutes).max(deadlineLimits.maxMinutes).nullish(),
  onDeadline: z.enum(deadlineActions).optional(),
  window: z
    .object({
      days: z.array(z.enum(weekdays)).max(weekdays.length),
      from: localTime,
      to: localTime,
      timeZone: z.string().refine(isTimeZone, 'must be an IANA time zone like "Europe/Berlin"'),
    })
    .nullish(),
  canary: z
    .union([
      z.object({ items: z.number().int().min(1), percent: z.null() }),
      z.object({ items: z.null(), percent: z.number().gt(0).lt(100, 'must be below 100') }),
    ])
    .nullish(),
  breaker: z
    .object({
      failures: z.number().int().min(1).nullable(),
      percent: z.number().gt(0).lt(100, 'must be below 100').nullable(),
      minimumItems: z.number().int().min(1),
    })
    .refine(({ failures, percent }) => failures !== null || percent !== null, 'needs failures, percent or both')
    .nullish(),
  budget: z
    .object({
      amount: z.string().regex(/^\d{1,20}(\.\d{1,18})?$/, 'must be a decimal of at least 0'),
      unit: z.string(),
    })
    .nullish(),
  limits: z
    .object({
      chunksAtOnce: z.number().int().min(windowLimits.min).max(windowLimits.max).nullish(),
      itemsPerSecond: z.number().min(rateLimits.min).max(rateLimits.max).nullish(),
    })
    .nullish(),
  dryRun: z.boolean().optional(),
});

/** @throws InvalidInputError that names the rail and what it takes */
export function assertGuardRails(jobType: JobType, options: Record<string, unknown>, rails: GuardRailsCommand): void {
  const parsed = schema.safeParse(rails);
  if (!parsed.success) {
    throw new InvalidInputError(
      'The guard rails are not right.',
      parsed.error.issues.map(({ path, message }) => {
        const names = path.map(String);
        return { path: names, message, row: null, field: names.at(-1) ?? null };
      }),
    );
  }
  if (rails.canary) assertCanary(jobType, options);
  if (rails.budget) assertBudget(jobType, options, rails.budget.unit);
}

/** A service drives a stage once for the whole job, so that a canary cannot go through it alone. */
function assertCanary(jobType: JobType, options: Record<string, unknown>): void {
  const stages = stagesToRun(jobType, { options, isDryRun: false });
  const isOverItems = ({ kind }: { kind: string }) => kind === 'ITEMS';
  const between = stages.slice(stages.findIndex(isOverItems), stages.findLastIndex(isOverItems));
  const driven = between.find((stage) => !isOverItems(stage));
  if (!driven) return;
  const message = `Stage ${driven.name} lies between stages over items, where a canary cannot pass: leave the canary out, or move it.`;
  throw refuse('canary', message);
}

function assertBudget(jobType: JobType, options: Record<string, unknown>, unit: string): void {
  const costs = itemCosts(jobType, options);
  if (!costs) throw refuse('budget', `Items of this job cost nothing: leave the budget out.`);
  if (costs.unit !== unit) throw refuse('unit', `Costs of ${jobType.name} count in ${costs.unit}, not in ${unit}.`);
}

function refuse(field: string, message: string): InvalidInputError {
  const path = field === 'unit' ? ['budget', field] : [field];
  return new InvalidInputError(message, [{ path, message, row: null, field }]);
}
