import type { PoolClient } from 'pg';
import type { Stage } from '../entities/stage.ts';
import { appendJobEvent } from './append-job-event.ts';

/** Opens a stage over `total` items, null while that is not known. */
export async function startStage(client: PoolClient, jobId: string, stage: Stage, total: number | null): Promise<void> {
  await client.query(
    `update stages set state = 'RUNNING', total = $3, error = null, started_at = coalesce(started_at, clock_timestamp())
     where job_id = $1 and position = $2`,
    [jobId, stage.position, total],
  );
  await client.query('update jobs set current_stage = $2 where id = $1', [jobId, stage.name]);
  const { generation, completed, failed } = stage;
  await appendJobEvent(client, jobId, 'StageStarted', { stage: stage.name, generation, total, completed, failed });
}

/** Closes a stage whose work is done, or that has none. */
export async function endStage(
  client: PoolClient,
  jobId: string,
  stage: Pick<Stage, 'name' | 'position'>,
  state: 'COMPLETED' | 'SKIPPED',
): Promise<void> {
  const { rows } = await client.query<{ generation: number; total: number; completed: number; failed: number }>(
    `update stages set state = $3, total = coalesce(total, completed), completed_at = clock_timestamp(), attempt = attempt + 1
     where job_id = $1 and position = $2
     returning generation, total::float8, completed::float8, failed::float8`,
    [jobId, stage.position, state],
  );
  const [figures] = rows;
  if (figures && state === 'COMPLETED')
    await appendJobEvent(client, jobId, 'StageCompleted', { stage: stage.name, ...figures });
}

/** Closes a stage that cannot go on, and says why. */
export async function failStage(client: PoolClient, jobId: string, stageName: string, error: string): Promise<void> {
  const { rows } = await client.query<{ generation: number; total: number | null; completed: number; failed: number }>(
    `update stages set state = 'FAILED', error = $3, completed_at = clock_timestamp(), attempt = attempt + 1
     where job_id = $1 and name = $2 and state in ('PENDING', 'RUNNING')
     returning generation, total::float8, completed::float8, failed::float8`,
    [jobId, stageName, error],
  );
  const [figures] = rows;
  if (figures) await appendJobEvent(client, jobId, 'StageFailed', { stage: stageName, ...figures, error });
}
