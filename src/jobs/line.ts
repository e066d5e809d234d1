import type { PoolClient } from 'pg';
import type { Database } from '../database/database.ts';
import type { Job } from '../database/entities/job.ts';
import { lockLine, readLine } from '../database/sql/read-line.ts';
import { chooseStarts, headStartMs, type RunningLimits } from '../domain/line.ts';

/** Who may run: the database decides, under a lock, whenever a job wants to start. */
export interface Line {
  /** True when the locked job, whatever waits before it, may run now. Nobody else can take its place until the transaction ends. */
  mayStart(client: PoolClient, job: Pick<Job, 'id'>): Promise<boolean>;
  /** Puts a locked job that ran before at the end of the line. */
  join(client: PoolClient, job: Pick<Job, 'id' | 'priority'>): Promise<void>;
  /** Those to tell when a job has left its place; none where nothing is limited, as then nobody waited for it. */
  findNext(): Promise<string[]>;
  /** Waiting jobs for which there is room. */
  findStartable(): Promise<string[]>;
}

/** More than this need not be told at a time. */
const mostAtOnce = 500;

/** The line of an installation with these limits. */
export function createLine({ database, limits }: { database: Database; limits: RunningLimits }): Line {
  const isLimited = [limits.runningJobsPerUser, limits.runningJobsPerProject, limits.runningJobs].some(Boolean);
  const perUser = Math.min(
    mostAtOnce,
    ...[limits.runningJobsPerUser, limits.runningJobsPerProject, limits.runningJobs].filter((each) => each !== null),
  );
  const findStartable = async () => {
    const { running, waiting } = await readLine(database.pool, { perUser });
    return chooseStarts(waiting, running, limits).slice(0, mostAtOnce);
  };
  return {
    mayStart: async (client, { id }) => {
      if (!isLimited) return true;
      await lockLine(client);
      const { running, waiting } = await readLine(client, { perUser, alsoId: id });
      return chooseStarts(waiting, running, limits).includes(id);
    },
    join: async (client, { id, priority }) => {
      await client.query(`update jobs set line_at = clock_timestamp() - $2 * interval '1 ms' where id = $1`, [
        id,
        headStartMs[priority],
      ]);
    },
    findNext: async () => (isLimited ? await findStartable() : []),
    findStartable,
  };
}
