import type { AggregatedItem } from '../aggregates/accumulate.ts';
import type { ItemResultRow } from '../database/sql/commit-chunk.ts';
import { fingerprint } from '../domain/fingerprint.ts';
import type { EndedItem } from './run-items.ts';

/** What a commit is to store of items that went through a stage. */
export interface Ended {
  results: ItemResultRow[];
  /** How many go on to the next stage. */
  passed: number;
  /** Those whose aggregates count now. */
  succeeded: AggregatedItem[];
  /** Length of all outputs. */
  characters: number;
}

/** Those that ended in this stage have a result; the others, in all but the last item stage, go on. */
export function endItems(items: readonly EndedItem<unknown>[], isLastStage: boolean): Ended {
  const ended: Ended = { results: [], passed: 0, succeeded: [], characters: 0 };
  for (const each of items) {
    const { item, outcome } = each;
    if (outcome.state === 'SUCCEEDED' && !isLastStage) {
      ended.passed += 1;
      continue;
    }
    const result = toRow(each);
    ended.results.push(result);
    ended.characters += result.output?.length ?? 0;
    if (outcome.state === 'SUCCEEDED') ended.succeeded.push({ input: item.input, output: outcome.output });
  }
  return ended;
}

/** Adds `more` to what was gathered before. */
export function joinEnded(gathered: Ended, more: Ended): Ended {
  for (const result of more.results) gathered.results.push(result);
  for (const item of more.succeeded) gathered.succeeded.push(item);
  gathered.passed += more.passed;
  gathered.characters += more.characters;
  return gathered;
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
