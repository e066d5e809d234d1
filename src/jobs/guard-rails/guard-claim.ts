import type { PoolClient } from 'pg';
import { lockGuardedJob } from '../../database/sql/lock-guarded-job.ts';
import type { ChunkState } from '../../domain/stage-plan.ts';
import { reserveBudget } from './reserve-budget.ts';
import { pauseIfTripped } from './trip-breaker.ts';

export interface ClaimedWork {
  jobId: string;
  stageName: string;
  /** RUNNING: of an attempt that died. */
  state: ChunkState;
  /** Items of the chunk that have not ended. */
  remaining: number;
}

/**
 * True when the rails of the job let a chunk run that the caller has locked. Otherwise the job is pausing, or is to be planned
 * anew: the coordinator, which is told that the chunk yielded, lets the others end and asks what comes next.
 */
export async function guardClaim(client: PoolClient, work: ClaimedWork): Promise<boolean> {
  const job = await lockGuardedJob(client, work.jobId);
  if (job?.state !== 'RUNNING') return false;
  if (job.replan || (job.dueAt && job.dueAt <= job.now)) return false;
  if (await pauseIfTripped(client, job)) return false;
  return await reserveBudget(client, job, work);
}
