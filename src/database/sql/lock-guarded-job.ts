import type { PoolClient } from 'pg';
import type { FiguresByStage } from '../../domain/failure-breaker.ts';
import type { CanaryState, GuardRailSettings, ItemCosts } from '../../domain/guard-rails.ts';
import type { Priority } from '../../domain/job.ts';
import type { JobState, PauseReason } from '../../domain/job-state.ts';

/** A job with what holds it within bounds, at the moment `now` of the database's clock. */
export interface GuardedJob {
  id: string;
  state: JobState;
  pauseReason: PauseReason | null;
  priority: Priority;
  generation: number;
  total: number;
  pending: number;
  running: number;
  succeeded: number;
  failed: number;
  skipped: number;
  currentStage: string | null;
  deadlineAt: Date | null;
  settings: GuardRailSettings;
  costs: ItemCosts | null;
  spentBefore: string;
  startAt: Date | null;
  dueAt: Date | null;
  warnAt: Date | null;
  baseline: FiguresByStage | null;
  canaryState: CanaryState | null;
  replan: boolean;
  /** Items that each stage is done with, in the present generation. */
  completed: Record<string, number>;
  /** The same with those of them that failed in the stage. */
  ended: FiguresByStage;
  now: Date;
}

/** Locks a job's row until the transaction ends and reads it with its rails; null when it has none, or is deleted. */
export async function lockGuardedJob(client: PoolClient, jobId: string): Promise<GuardedJob | null> {
  const { rowCount } = await client.query(
    'select from jobs where id = $1 and deleted_at is null and exists (select from guard_rails where job_id = $1) for update',
    [jobId],
  );
  // A statement of its own: it sees what was committed while this one waited for the lock.
  return rowCount === 0 ? null : await readGuardedJob(client, jobId);
}

/** As the statement gives it: moments in milliseconds since 1970. */
type GuardedJobRow = {
  [Column in keyof GuardedJob]: GuardedJob[Column] extends Date
    ? number
    : GuardedJob[Column] extends Date | null
      ? number | null
      : GuardedJob[Column];
};

async function readGuardedJob(client: PoolClient, jobId: string): Promise<GuardedJob | null> {
  const { rows } = await client.query<GuardedJobRow>(
    `select j.id, j.state, j.pause_reason as "pauseReason", j.priority, j.generation, j.total::float8, j.pending::float8, j.running::float8,
            j.succeeded::float8, j.failed::float8, j.skipped::float8, j.current_stage as "currentStage", ${ms('j.deadline_at')} as "deadlineAt",
            g.settings, g.costs, g.spent_before as "spentBefore", ${ms('g.start_at')} as "startAt", ${ms('g.due_at')} as "dueAt",
            ${ms('g.warn_at')} as "warnAt", g.baseline, g.canary_state as "canaryState", g.replan, ${ms('clock_timestamp()')} as now,
            coalesce((select jsonb_object_agg(name, completed) from stages where job_id = j.id), '{}') as completed,
            coalesce((select jsonb_object_agg(name, jsonb_build_object('ended', completed, 'failed', failed))
                      from stages where job_id = j.id), '{}') as ended
     from jobs j join guard_rails g on g.job_id = j.id
     where j.id = $1`,
    [jobId],
  );
  const [row] = rows;
  if (!row) return null;
  const { deadlineAt, startAt, dueAt, warnAt } = row;
  const moments = {
    deadlineAt: toDate(deadlineAt),
    startAt: toDate(startAt),
    dueAt: toDate(dueAt),
    warnAt: toDate(warnAt),
  };
  return { ...row, ...moments, now: new Date(row.now) };
}

function ms(moment: string): string {
  return `(extract(epoch from ${moment}) * 1000)::float8`;
}

function toDate(at: number | null): Date | null {
  return at === null ? null : new Date(at);
}
