import type { PoolClient } from 'pg';
import type { Job } from '../database/entities/job.ts';
import { appendJobEvent } from '../database/sql/append-job-event.ts';
import { recordOutcome, removeOutcome } from '../database/sql/record-outcome.ts';
import { assertTransition, isTerminal, type JobState, type PauseReason } from '../domain/job-state.ts';

export interface StateChange {
  to: JobState;
  /** Who did it, for the journal: "key production", "longhaul". */
  by: string;
  reason?: PauseReason;
  message?: string;
}

/**
 * Moves a locked job along an edge of its state machine and writes the journal entry; `job` is brought up to date.
 * Keeps the clock: time in PAUSED, and between an end and a retry, is no running time.
 */
export async function setJobState(
  client: PoolClient,
  job: Pick<Job, 'id' | 'state' | 'pauseReason'>,
  change: StateChange,
): Promise<void> {
  const from = job.state;
  assertTransition(from, change.to);
  // One that waits in line again runs as little as a paused one.
  const stopped = change.to === 'PAUSED' || change.to === 'PENDING';
  const resumed = change.to === 'RUNNING';
  await client.query(
    `update jobs set
       state = $2,
       pause_reason = $3,
       error = $4,
       started_at = case when $2 = 'RUNNING' then coalesce(started_at, clock_timestamp()) else started_at end,
       paused_ms = paused_ms + case when $5 and started_at is not null then extract(epoch from clock_timestamp() - coalesce(paused_at, completed_at, clock_timestamp())) * 1000 else 0 end,
       paused_at = case when $6 then coalesce(paused_at, completed_at, clock_timestamp()) when $5 then null else paused_at end,
       completed_at = case when $7 then clock_timestamp() else null end,
       updated_at = clock_timestamp()
     where id = $1`,
    [
      job.id,
      change.to,
      change.reason ?? null,
      change.to === 'FAILED' ? (change.message ?? null) : null,
      resumed,
      stopped,
      isTerminal(change.to),
    ],
  );
  if (isTerminal(change.to)) await recordOutcome(client, job.id);
  else if (isTerminal(from)) await removeOutcome(client, job.id);
  await appendJobEvent(client, job.id, 'JobStateChanged', {
    from,
    to: change.to,
    reason: change.reason ?? null,
    by: change.by,
    message: change.message ?? null,
  });
  job.state = change.to;
  job.pauseReason = change.reason ?? null;
}
