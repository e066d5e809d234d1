import type { PoolClient } from 'pg';
import type { Job } from '../entities/job.ts';
import type { ExportRequest } from '../../domain/export.ts';

/** Stores an export that is written when its job ends. */
export async function insertRequestedExport(
  client: PoolClient,
  job: Pick<Job, 'id' | 'projectId'>,
  id: string,
  { format, content, fileNamePrefix, columns }: ExportRequest,
): Promise<void> {
  await client.query(
    `insert into exports (id, job_id, project_id, format, content, file_name_prefix, columns, state, at_completion)
     values ($1, $2, $3, $4, $5, $6, $7, 'PENDING', true)`,
    [id, job.id, job.projectId, format, content, fileNamePrefix ?? null, columns ? JSON.stringify(columns) : null],
  );
}
