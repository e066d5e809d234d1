import type { ItemResultRow } from '../database/sql/commit-chunk.ts';
import { fingerprint } from '../domain/fingerprint.ts';
import type { EndedItem } from './run-items.ts';

/** Splits items that went through a stage: those that ended here have a result; the others, in all but the last item stage, go on. */
export function endItems(
  items: EndedItem<unknown>[],
  isLastStage: boolean,
): { results: ItemResultRow[]; passed: number } {
  const results = items.filter(({ outcome }) => isLastStage || outcome.state !== 'SUCCEEDED').map(toRow);
  return { results, passed: items.length - results.length };
}

function toRow({ item, outcome, durationMs }: EndedItem<unknown>): ItemResultRow {
  const error = outcome.state === 'FAILED' ? outcome.error : null;
  const output = outcome.state === 'FAILED' ? undefined : outcome.output;
  return {
    index: item.index,
    attempts: item.attempt,
    state: outcome.state,
    output: output === undefined ? null : JSON.stringify(output),
    errorCode: error?.code ?? null,
    errorField: error?.field ?? null,
    errorMessage: error?.message ?? null,
    fingerprint: error ? fingerprint(error.code, error.message) : null,
    durationMs,
  };
}
