import type { CallerKind } from './caller.ts';
import type { ItemCounts } from './item-counts.ts';
import type { JobState } from './job-state.ts';

/** What figures can be grouped by. */
export const analyticsGroups = ['DAY', 'HOUR', 'JOB_TYPE', 'STATE', 'CALLER', 'TEMPLATE'] as const;
export type AnalyticsGroup = (typeof analyticsGroups)[number];

/** Jobs that ended at `from` or later and before `to`. */
export interface AnalyticsRange {
  from: Date;
  to: Date;
}

/** Figures of jobs that have ended. */
export interface AnalyticsFigures {
  jobs: number;
  completed: number;
  failed: number;
  canceled: number;
  items: ItemCounts;
  /** Of the jobs that ran at all, without pauses; null when none did. */
  averageDurationMs: number | null;
  /** The least that 95 % of them did not exceed: the duration of one of them. */
  p95DurationMs: number | null;
  /** What the items of these jobs cost, in each unit that there is. */
  costs: AnalyticsCost[];
}

/** An exact amount. */
export interface AnalyticsCost {
  unit: string;
  amount: string;
}

/** One group; of the last five only what it is grouped by is not null. */
export interface AnalyticsRow extends AnalyticsFigures {
  key: string;
  startsAt: Date | null;
  type: string | null;
  state: JobState | null;
  caller: { kind: CallerKind; id: string; name: string } | null;
  /** Of a template that may be deleted. */
  templateId: string | null;
}

/** Groups that one answer has at most, beside those of time. */
export const maxAnalyticsGroups = 1_000;

const dayMs = 86_400_000;
const longestDays: Partial<Record<AnalyticsGroup, number>> = { DAY: 3_660, HOUR: 93 };

/** What is wrong with a range; null when nothing is. */
export function findRangeProblem({ from, to }: AnalyticsRange, groupBy: AnalyticsGroup): string | null {
  if (from > to) return 'to must not be earlier than from.';
  const days = longestDays[groupBy];
  if (days === undefined || to.getTime() - from.getTime() <= days * dayMs) return null;
  return `Grouped by ${groupBy} a range has at most ${days} days: ask for a part of it.`;
}

/** The share of jobs that COMPLETED, from 0 to 1; null without jobs. */
export function jobSuccessRate({ jobs, completed }: Pick<AnalyticsFigures, 'jobs' | 'completed'>): number | null {
  return jobs === 0 ? null : completed / jobs;
}

/** The share of items that came through, of those that were tried: from 0 to 1; null when none was. */
export function itemSuccessRate({ succeeded, failed }: Pick<ItemCounts, 'succeeded' | 'failed'>): number | null {
  return succeeded + failed === 0 ? null : succeeded / (succeeded + failed);
}
