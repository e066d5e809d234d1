import type { ItemState } from '../../../domain/item-counts.ts';

/** An item beside its result, as the statements of this folder answer it. Big integers come as text. */
export interface ItemRow {
  index: string;
  key: string;
  payload: unknown;
  state: ItemState;
  /** Name of the stage that ended it. This and what follows is null while the item has no result. */
  stage: string | null;
  generation: number | null;
  attempts: number | null;
  output: unknown;
  error_code: string | null;
  error_field: string | null;
  error_message: string | null;
  fingerprint: string | null;
  duration_ms: number | null;
}

/** The columns of an item `i` and its result `r` of job $1, all but the state. */
export const itemColumns = `i.index, i.key, i.payload, (select name from stages where job_id = $1 and position = r.stage) as stage, r.generation, r.attempts, r.output,
  r.error_code, r.error_field, r.error_message, r.fingerprint, r.duration_ms`;
