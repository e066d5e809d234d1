import type { PoolClient } from 'pg';
import { appendJobEvent } from '../../database/sql/append-job-event.ts';
import { lockGuardedJob, type GuardedJob } from '../../database/sql/lock-guarded-job.ts';
import { findCanary } from '../../database/sql/find-canary.ts';
import { sampleCanary } from '../../database/sql/sample-canary.ts';
import type { Stage } from '../../database/entities/stage.ts';
import type { Job } from '../../database/entities/job.ts';
import { spentOn } from '../../domain/budget.ts';
import { canaryItems, reportCanary } from '../../domain/canary.ts';
import { setJobState } from '../set-job-state.ts';
import { settlePause } from '../settle-pause.ts';

/** Items 0..`items` - 1 run before all others. */
export interface RunningCanary {
  items: number;
}

/** The canary of a job that is at it: what comes before its item stages is over, and nobody has approved the rest yet. */
export async function findRunningCanary(
  client: PoolClient,
  job: Pick<Job, 'id' | 'generation' | 'total'>,
  stages: readonly Stage[],
): Promise<RunningCanary | null> {
  const first = stages.findIndex(({ kind }) => kind === 'ITEMS');
  const isReady =
    first > 0 && stages.slice(0, first).every(({ state }) => state === 'COMPLETED' || state === 'SKIPPED');
  if (job.generation > 0 || !isReady) return null;
  const canary = await findCanary(client, job.id);
  return canary && { items: canaryItems(canary, job.total) };
}

/** Every item of the canary of a locked job has ended: the job waits for approval. False when there are no others to wait. */
export async function completeCanary(
  client: PoolClient,
  job: Pick<Job, 'id' | 'state' | 'pauseReason' | 'pending'>,
  { items }: RunningCanary,
): Promise<boolean> {
  const guarded = await lockGuardedJob(client, job.id);
  if (!guarded) throw new Error(`The rails of job ${job.id} vanished while it was locked.`);
  const report = await makeReport(client, guarded, items);
  const hasOthers = guarded.pending > 0;
  await client.query('update guard_rails set canary_state = $2, canary_report = $3 where job_id = $1', [
    job.id,
    hasOthers ? 'WAITING' : 'PASSED',
    JSON.stringify(report),
  ]);
  await appendJobEvent(client, job.id, 'CanaryCompleted', report);
  if (!hasOthers) return false;
  await setJobState(client, job, { to: 'PAUSING', by: 'longhaul', reason: 'APPROVAL' });
  await settlePause(client, job);
  return true;
}

async function makeReport(client: PoolClient, { id, costs, spentBefore, completed, total }: GuardedJob, items: number) {
  const sample = await sampleCanary(client, id, items);
  const cost = costs && spentOn(costs, spentBefore, completed);
  return reportCanary({ ...sample, items, cost }, total, costs?.unit ?? null);
}
