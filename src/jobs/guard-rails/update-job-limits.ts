import type { PoolClient } from 'pg';
import type { Database } from '../../database/database.ts';
import type { Job } from '../../database/entities/job.ts';
import { appendJobEvent } from '../../database/sql/append-job-event.ts';
import { lockGuardedJob } from '../../database/sql/lock-guarded-job.ts';
import { lockJob } from '../../database/sql/lock-job.ts';
import { nextDueAt } from '../../domain/due-moment.ts';
import { ConflictError, NotFoundError } from '../../domain/errors.ts';
import { noGuardRails } from '../../domain/guard-rails.ts';
import { isTerminal } from '../../domain/job-state.ts';
import { getJobType } from '../../job-types/registry.ts';
import { canSee } from '../can-see.ts';
import type { JobCommands, JobLimitsCommand } from '../commands.ts';
import type { WorkflowStarter } from '../workflow-starter.ts';
import { assertGuardRails } from './check-guard-rails.ts';
import { toTimed } from './guard-job.ts';
import { setDeadline } from './set-deadline.ts';
import { toSettings } from './to-settings.ts';

/** Changes the rails of a job at work; running chunks go on, unless the time of the job is now over. */
export function createUpdateJobLimits({
  database,
  workflows,
}: {
  database: Database;
  workflows: WorkflowStarter;
}): JobCommands['updateJobLimits'] {
  return async (viewer, jobId, limits) => {
    const updated = await database.transaction(async (client) => {
      const job = await lockJob(client, database.em(), jobId);
      if (!job || !canSee(viewer, job)) throw new NotFoundError(`There is no job ${jobId}.`);
      if (isTerminal(job.state))
        throw new ConflictError(`Job ${jobId} is ${job.state}: its limits can be changed while it is under way.`, {
          state: job.state,
        });
      assertGuardRails(getJobType(job.type), job.options, limits);
      await change(client, job, limits, viewer.caller.name);
      return (await lockJob(client, database.em(), jobId)) ?? job;
    });
    await workflows.wakeJob(jobId);
    return updated;
  };
}

async function change(client: PoolClient, job: Job, limits: JobLimitsCommand, by: string): Promise<void> {
  await client.query(
    `insert into guard_rails (job_id, settings, baseline) values ($1, $2, '{}') on conflict do nothing`,
    [job.id, JSON.stringify(noGuardRails)],
  );
  const before = await lockGuardedJob(client, job.id);
  if (!before) throw new Error(`Job ${job.id} vanished while it was locked.`);
  const settings = toSettings(before.settings, limits);
  const itemsPerSecond = limits.limits === undefined ? job.itemsPerSecond : (limits.limits?.itemsPerSecond ?? null);
  await client.query('update jobs set items_per_second = $2 where id = $1', [job.id, itemsPerSecond]);
  await client.query(`update guard_rails set settings = $2, replan = replan or $3 where job_id = $1`, [
    job.id,
    JSON.stringify(settings),
    settings.limits?.chunksAtOnce !== before.settings.limits?.chunksAtOnce || itemsPerSecond !== job.itemsPerSecond,
  ]);
  if (limits.deadlineMinutes !== undefined) await setDeadline(client, job.id, settings.deadline);
  const after = await lockGuardedJob(client, job.id);
  if (!after) throw new Error(`Job ${job.id} vanished while it was locked.`);
  const dueAt = nextDueAt(toTimed(after), after.now.getTime());
  await client.query('update guard_rails set due_at = $2 where job_id = $1', [
    job.id,
    dueAt === null ? null : new Date(dueAt),
  ]);
  const changed = Object.entries(limits).flatMap(([name, value]) => (value === undefined ? [] : [name]));
  await appendJobEvent(client, job.id, 'LimitsChanged', { changed, by });
}
