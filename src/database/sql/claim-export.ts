import type { Pool } from 'pg';
import type { ExportCheckpoint, ExportContent, ExportFormat } from '../../domain/export.ts';

/** An export that one attempt is writing. */
export interface ClaimedExport {
  id: string;
  jobId: string;
  projectId: string;
  attempt: number;
  format: ExportFormat;
  content: ExportContent;
  fileNamePrefix: string | null;
  columns: string[] | null;
  /** What earlier attempts left. */
  checkpoint: ExportCheckpoint | null;
}

/** Names one attempt at an export. */
export type ExportRef = Pick<ClaimedExport, 'id' | 'attempt'>;

/** Gives the export to one attempt; what earlier ones still do is refused. Null when there is nothing to write (any more). */
export async function claimExport(pool: Pool, id: string): Promise<ClaimedExport | null> {
  const { rows } = await pool.query<ClaimedExport>(
    `update exports e
     set state = 'RUNNING', attempt = e.attempt + 1, percent = case when e.checkpoint is null then 0 else e.percent end
     from jobs j
     where e.id = $1 and e.state in ('PENDING', 'RUNNING') and j.id = e.job_id and j.deleted_at is null
     returning e.id, e.job_id as "jobId", e.project_id as "projectId", e.attempt, e.format, e.content, e.file_name_prefix as "fileNamePrefix",
               e.columns, e.checkpoint`,
    [id],
  );
  return rows[0] ?? null;
}
