import type { PoolClient } from 'pg';

/** Stores how far a stage is that is driven from outside, and adds to what it has noted. */
export async function updateDrivenStage(
  client: PoolClient,
  input: {
    jobId: string;
    position: number;
    total: number | null;
    completed: number;
    failed: number;
    metadata: Record<string, unknown>;
  },
): Promise<void> {
  await client.query(
    'update stages set total = $3, completed = $4, failed = $5, metadata = metadata || $6, retry_at = null where job_id = $1 and position = $2',
    [input.jobId, input.position, input.total, input.completed, input.failed, JSON.stringify(input.metadata)],
  );
}
