import type { Pool, PoolClient } from 'pg';
import { readChunkItems, type ChunkMembers } from '../database/sql/read-chunk-items.ts';
import type { WorkItem } from '../job-types/define-job-type.ts';
import { toInvalidItem } from '../job-types/invalid-item.ts';
import type { createItemValidator } from '../job-types/validate-item.ts';
import type { EndedItem } from './run-items.ts';

export interface Work {
  work: WorkItem<unknown>[];
  /** Items that do not fit their schema, as after a redrive of bad rows: they fail without being run. */
  refused: EndedItem<unknown>[];
}

/** What is left of a chunk to be worked on. `tries` says which try is next, by index of the item; 1 of those that it does not name. */
export async function readWork(
  client: Pool | PoolClient,
  chunk: ChunkMembers & { tries?: Record<string, number> | null },
  validate: ReturnType<typeof createItemValidator>,
): Promise<Work> {
  const work: WorkItem<unknown>[] = [];
  const refused: EndedItem<unknown>[] = [];
  for (const { index, key, payload } of await readChunkItems(client, chunk)) {
    const checked = validate(payload);
    if (checked.ok) {
      work.push({ index, key, input: checked.item, attempt: chunk.tries?.[index] ?? 1 });
      continue;
    }
    const { field, ...error } = toInvalidItem(checked.issues[0] ?? { field: null, message: 'does not fit its schema' });
    const item = { index, key, input: null, attempt: 1 };
    refused.push({ item, outcome: { state: 'FAILED', error: { ...error, field: field ?? undefined } }, durationMs: 0 });
  }
  return { work, refused };
}
