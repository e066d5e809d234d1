import type { PoolClient } from 'pg';
import { appendJobEvent } from '../../database/sql/append-job-event.ts';
import type { GuardedJob } from '../../database/sql/lock-guarded-job.ts';
import { costOf, covers, leftOf, spentOn } from '../../domain/budget.ts';
import { formatDecimal } from '../../domain/exact-decimal.ts';
import { setJobState } from '../set-job-state.ts';
import type { ClaimedWork } from './guard-claim.ts';

/**
 * True when what is left of the budget covers a chunk of a locked, running job; otherwise the job is pausing. The items that
 * the job counts as running are the reservation, those that its stages are done with are spent: so the commit that moves
 * them settles it, and a worker that dies leaves nothing to be put right.
 */
export async function reserveBudget(client: PoolClient, job: GuardedJob, work: ClaimedWork): Promise<boolean> {
  const { costs, spentBefore, completed, running } = job;
  const { budget } = job.settings;
  if (!budget || !costs) return true;
  const spent = spentOn(costs, spentBefore, completed);
  const reserved = costOf(costs, work.stageName, running);
  // Those of a dead attempt are among the running ones still.
  const cost = costOf(costs, work.stageName, work.state === 'RUNNING' ? 0 : work.remaining);
  const left = leftOf(budget.amount, spent, reserved);
  if (covers(left, cost)) return true;
  const needed = formatDecimal(cost);
  await appendJobEvent(client, job.id, 'BudgetReached', {
    ...budget,
    spent,
    reserved: formatDecimal(reserved),
    needed,
  });
  await setJobState(client, job, {
    to: 'PAUSING',
    by: 'longhaul',
    reason: 'BUDGET',
    message: `The next chunk costs ${needed} ${budget.unit}; ${left} of ${budget.amount} ${budget.unit} are left.`,
  });
  return false;
}
