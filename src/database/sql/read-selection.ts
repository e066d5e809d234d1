import type { PoolClient } from 'pg';
import type { RedriveSelection } from '../../domain/redrive.ts';

/** Which items a redrive of a job runs again; all failures where nothing else is kept. */
export async function readSelection(client: PoolClient, jobId: string, generation: number): Promise<RedriveSelection> {
  const { rows } = await client.query<{ selection: RedriveSelection | null }>(
    'select selection from generations where job_id = $1 and generation = $2',
    [jobId, generation],
  );
  return rows[0]?.selection ?? { kind: 'ALL_FAILURES' };
}
