import type { EntityManager } from '@mikro-orm/postgresql';
import type { Job } from '../../database/entities/job.ts';
import { noGuardRails } from '../../domain/guard-rails.ts';
import type { JobType } from '../../job-types/define-job-type.ts';
import type { GuardRailsCommand } from '../commands.ts';
import { itemCosts } from './item-costs.ts';
import { toSettings } from './to-settings.ts';

/** Stores the rails of a new job with the job itself, and returns its deadline. All times are those of the database's clock. */
export async function storeGuardRails(
  transaction: EntityManager,
  job: Pick<Job, 'id' | 'options'>,
  jobType: JobType,
  command: GuardRailsCommand = {},
): Promise<Date | null> {
  const settings = toSettings(noGuardRails, command);
  const costs = itemCosts(jobType, job.options);
  const dryRun = command.dryRun ?? false;
  const startAt = command.startAt ?? null;
  const hasRail = Object.values(settings).some((rail) => rail !== null);
  if (!hasRail && !costs && !dryRun && !startAt) return null;
  await transaction.execute(
    `insert into guard_rails (job_id, settings, costs, dry_run, start_at, due_at, baseline, canary_state)
     values (?, ?, ?, ?, ?, ?, '{}', ?)`,
    [
      job.id,
      JSON.stringify(settings),
      costs && JSON.stringify(costs),
      dryRun,
      startAt,
      startAt,
      settings.canary ? 'RUNNING' : null,
    ],
  );
  if (!settings.deadline) return null;
  const [row] = await transaction.execute<{ deadline: string | Date }[]>(
    `with job as (
       update jobs set deadline_at = greatest(clock_timestamp(), ?::timestamptz) + ? * interval '1 minute' where id = ?
       returning id, deadline_at
     ), warned as (
       update guard_rails set warn_at = deadline_at - ? * interval '6 s' from job where job_id = id
     )
     select deadline_at as deadline from job`,
    [startAt, settings.deadline.minutes, job.id, settings.deadline.minutes],
  );
  return row ? new Date(row.deadline) : null;
}
