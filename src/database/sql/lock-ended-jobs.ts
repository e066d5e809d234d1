import type { PoolClient } from 'pg';
import type { JobFilter } from '../../domain/job-filter.ts';
import { jobConditions } from './job-conditions.ts';

export interface EndedJobsRequest {
  projectId: string;
  filter: JobFilter;
  /** The last id of the batch before. */
  after: string | null;
  limit: number;
}

/** Locks the next `limit` jobs of a project that match and have ended, by their ids; those that somebody else has locked are passed over. */
export async function lockEndedJobs(
  client: PoolClient,
  { projectId, filter, after, limit }: EndedJobsRequest,
): Promise<string[]> {
  const values: unknown[] = [projectId, limit];
  const conditions = jobConditions(filter, values);
  if (after !== null) conditions.push(`id > $${values.push(after)}`);
  const { rows } = await client.query<{ id: string }>(
    `select id from jobs
     where ${['project_id = $1', 'deleted_at is null', `state in ('COMPLETED', 'CANCELED', 'FAILED')`, ...conditions].join(' and ')}
     order by id limit $2 for update skip locked`,
    values,
  );
  return rows.map(({ id }) => id);
}
