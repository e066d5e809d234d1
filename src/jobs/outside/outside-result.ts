import type { EndedItem } from '../../activities/run-items.ts';
import { findUnstorable } from '../../domain/storable-json.ts';
import { InvalidInputError } from '../../domain/errors.ts';
import type { FinalItemState } from '../../domain/item-counts.ts';
import type { ItemOutcome, JobType, WorkItem } from '../../job-types/define-job-type.ts';

/** What became of one item outside. */
export interface OutsideResult {
  index: number;
  state: FinalItemState;
  /** As the job type's schema of outputs has it; null when nothing came out. */
  output: unknown;
  /** Of a FAILED item, and of no other. */
  error: { code: string; message: string; field: string | null } | null;
  durationMs: number;
}

const codePattern = /^[A-Z][A-Z0-9_]{0,99}$/;
const maxMessageLength = 2_000;

/** Holds a result to the job type's schema. @throws InvalidInputError */
export function toEndedItem(
  jobType: JobType,
  item: WorkItem<unknown>,
  result: OutsideResult,
  position: number,
): EndedItem<unknown> {
  return { item, outcome: toOutcome(jobType, result, position), durationMs: result.durationMs };
}

function toOutcome(jobType: JobType, result: OutsideResult, position: number): ItemOutcome<unknown> {
  const { state, output, error } = result;
  const refuse = (path: string[], message: string): never => {
    throw new InvalidInputError(`The result of item ${result.index} cannot be stored: ${path.join('.')} ${message}.`, [
      { path: ['results', String(position), ...path], message, row: result.index + 1, field: path.at(-1) ?? null },
    ]);
  };
  if (state === 'FAILED') {
    if (!error) return refuse(['error'], 'must say why the item FAILED');
    if (!codePattern.test(error.code)) return refuse(['error', 'code'], 'must be in capitals, like NOT_REACHABLE');
    const message = error.message.replaceAll('\0', '').slice(0, maxMessageLength).toWellFormed();
    return { state, error: { code: error.code, message, ...(error.field === null ? {} : { field: error.field }) } };
  }
  if (error) return refuse(['error'], `goes with FAILED, not with ${state}`);
  if (output === null || output === undefined) return { state };
  const unstorable = findUnstorable(output);
  if (unstorable) return refuse(['output', ...unstorable.path], unstorable.message);
  const parsed = jobType.output.safeParse(output);
  if (parsed.success) return { state, output: parsed.data };
  const [issue] = parsed.error.issues;
  return refuse(['output', ...(issue?.path ?? []).map(String)], issue?.message ?? 'does not fit');
}
