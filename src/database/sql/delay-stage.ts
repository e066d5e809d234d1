import type { PoolClient } from 'pg';

/** Lets a stage that failed outside for now wait to be started again, at the earliest then. */
export async function delayStage(
  client: PoolClient,
  input: { jobId: string; position: number; error: string; retryAt: Date },
): Promise<void> {
  await client.query(
    `update stages set state = 'PENDING', error = $3, retry_at = $4, attempt = attempt + 1 where job_id = $1 and position = $2`,
    [input.jobId, input.position, input.error, input.retryAt],
  );
}
