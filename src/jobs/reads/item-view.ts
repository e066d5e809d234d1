import type { Job } from '../../database/entities/job.ts';
import type { ItemRow } from '../../database/sql/reads/item-row.ts';
import type { ItemState } from '../../domain/item-counts.ts';

/** An item with how it ended, if it did. */
export interface ItemView {
  jobId: string;
  /** Name of the job type. */
  type: string;
  index: number;
  key: string;
  /** As it came from the source. */
  payload: unknown;
  state: ItemState;
  generation: number;
  attempts: number;
  /** Name of the stage that ended it. */
  stage: string | null;
  output: unknown;
  error: { code: string; field: string | null; message: string; fingerprint: string | null } | null;
  durationMs: number | null;
}

/** An item from its row; without a result it belongs to the job's present generation. */
export function toItemView(job: Pick<Job, 'id' | 'type' | 'generation'>, row: ItemRow): ItemView {
  return {
    jobId: job.id,
    type: job.type,
    index: Number(row.index),
    key: row.key,
    payload: row.payload,
    state: row.state,
    generation: row.generation ?? job.generation,
    attempts: row.attempts ?? 0,
    stage: row.stage,
    output: row.output,
    error: row.state === 'FAILED' ? toItemError(row) : null,
    durationMs: row.duration_ms,
  };
}

function toItemError(row: ItemRow) {
  return {
    code: row.error_code ?? 'UNKNOWN',
    field: row.error_field,
    message: row.error_message ?? 'The item failed without a message.',
    fingerprint: row.fingerprint,
  };
}
