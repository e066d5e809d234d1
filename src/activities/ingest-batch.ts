import type { NewItem } from '../database/sql/copy-items.ts';
import type { InvalidItem } from '../database/sql/insert-invalid-items.ts';
import { toStorable } from '../domain/storable-json.ts';
import { fingerprint } from '../domain/fingerprint.ts';
import { toInvalidItem } from '../job-types/invalid-item.ts';
import type { ItemIssue } from '../job-types/validate-item.ts';

/** A row that was held to its job type's schema; with issues its payload is what the source holds. */
export interface IngestRow {
  index: number;
  key: string | null;
  payload: unknown;
  issues: readonly ItemIssue[];
}

/** A commit of so many items takes about 50 ms; a batch is also full at so much text, for rows may be long. */
const maxItems = 5_000;
const maxCharacters = 8 * 1_048_576;

/** Collects rows for one commit. */
export function createIngestBatch() {
  const items: NewItem[] = [];
  const invalid: InvalidItem[] = [];
  let characters = 0;
  return {
    items,
    invalid,
    isFull: () => items.length >= maxItems || characters >= maxCharacters,
    add({ index, key, payload, issues }: IngestRow): void {
      const [issue] = issues;
      const text = JSON.stringify(issue ? toStorable(payload) : payload);
      characters += text.length;
      items.push({ index, key: key ?? String(index), payload: text });
      if (!issue) return;
      const failure = toInvalidItem(issue);
      invalid.push({ ...failure, index, fingerprint: fingerprint(failure.code, failure.message) });
    },
  };
}
