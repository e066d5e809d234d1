import { describeDuration } from '../../domain/duration.ts';
import { compareDecimals, parseDecimal } from '../../domain/exact-decimal.ts';
import type { QuotaState } from '../../limits/quotas.ts';
import type { SubmitJobCommand } from '../commands.ts';
import type { JobEstimate } from './job-estimate.ts';

/** What an estimate knows of a job beside its figures. */
export interface EstimateFacts extends Pick<JobEstimate, 'items' | 'durationMs' | 'cost' | 'queue'> {
  /** Why its source could not be looked into. */
  problem: string | null;
  quota: QuotaState | null;
  closed: { name: string; forMs: number } | null;
}

/** What speaks against a job as it is, one sentence each. */
export function warnOf(
  { source, guardRails = {} }: Pick<SubmitJobCommand, 'source' | 'guardRails'>,
  { items, durationMs, cost, queue, problem, quota, closed }: EstimateFacts,
): string[] {
  const { deadlineMinutes, budget, canary } = guardRails;
  const minutes = durationMs && Math.ceil(durationMs.expected / 60_000);
  const warnings: (string | false)[] = [
    problem !== null && `Its source could not be looked into: ${problem}`,
    !items &&
      (source.kind === 'url' && problem === null
        ? 'The server of the URL does not say how large the file is: how many items there are is known once it is read, and nothing else can be estimated before.'
        : 'How many items there are is known once the source is read: nothing else can be estimated before.'),
    items?.expected === 0 && 'The source has no items.',
    quota !== null &&
      quota.nextMs > 0 &&
      `You have submitted ${quota.limit} jobs within the hour, which is your limit: it can be submitted in ${describeDuration(quota.nextMs)}.`,
    queue?.waitMs === null &&
      'How long it waits in line is not known, as nothing that runs tells how long it takes: that is not in its duration.',
    closed !== null &&
      `The service "${closed.name}" asked to wait: nothing is sent to it for ${describeDuration(closed.forMs)}.`,
    Boolean(canary) && 'It waits for approval after its first items: that is not in its duration.',
    minutes !== null &&
      Boolean(deadlineMinutes) &&
      minutes > (deadlineMinutes ?? 0) &&
      `It should take about ${minutes} minutes, which is more than its deadline of ${deadlineMinutes} minutes leaves.`,
    items !== null && !durationMs && 'Its window opens too rarely to say when it ends.',
    cost !== null &&
      Boolean(budget) &&
      compareDecimals(parseDecimal(cost.amount), parseDecimal(budget?.amount ?? '0')) > 0 &&
      `It should cost about ${cost.amount} ${cost.unit}, which is more than its budget of ${budget?.amount}: it will pause there.`,
  ];
  return warnings.filter((warning) => warning !== false);
}
