import type { Pool } from 'pg';
import type { ExportCheckpoint } from '../../domain/export.ts';
import type { ExportRef } from './claim-export.ts';

/** Names the parts that are stored. False when the export was taken over, deleted or failed in the meantime: then nothing is written. */
export async function recordExportCheckpoint(
  pool: Pool,
  { id, attempt }: ExportRef,
  checkpoint: ExportCheckpoint,
): Promise<boolean> {
  const { rowCount } = await pool.query(
    `update exports set checkpoint = $3, as_of_sequence = $4 where id = $1 and attempt = $2 and state = 'RUNNING'`,
    [id, attempt, JSON.stringify(checkpoint), checkpoint.asOfSequence],
  );
  return rowCount === 1;
}
