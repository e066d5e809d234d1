import type { PoolClient } from 'pg';
import type { ExportRequest } from '../../domain/export.ts';

/**
 * The exports that were asked for at submit and have been begun: they stay, as exports of the run that is over, and the
 * requests are handed back to be made again. Those that nobody has begun wait for the end of the next run.
 */
export async function releaseRequestedExports(client: PoolClient, jobId: string): Promise<ExportRequest[]> {
  const { rows } = await client.query<ExportRequest>(
    `with released as (
       update exports set at_completion = false where job_id = $1 and at_completion and state <> 'PENDING' returning *
     )
     select format, content, file_name_prefix as "fileNamePrefix", columns from released order by id`,
    [jobId],
  );
  return rows;
}
