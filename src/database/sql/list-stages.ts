import type { PoolClient } from 'pg';
import type { Stage } from '../entities/stage.ts';

/** The stages of a job in their order, as the transaction sees them. */
export async function listStages(client: PoolClient, jobId: string): Promise<Stage[]> {
  const { rows } = await client.query<Omit<Stage, 'retryAt'> & { retryAtMs: number | null }>(
    `select job_id as "jobId", position, name, kind, external, state, generation, attempt, total::float8, completed::float8, failed::float8,
            metadata, error, (extract(epoch from retry_at) * 1000)::float8 as "retryAtMs", started_at as "startedAt", completed_at as "completedAt"
     from stages where job_id = $1 order by position`,
    [jobId],
  );
  return rows.map(({ retryAtMs, ...stage }) => ({
    ...stage,
    retryAt: retryAtMs === null ? null : new Date(retryAtMs),
  }));
}
