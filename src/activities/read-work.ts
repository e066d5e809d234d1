import type { Pool, PoolClient } from 'pg';
import { readChunkItems, type ChunkMembers } from '../database/sql/read-chunk-items.ts';
import type { WorkItem } from '../job-types/define-job-type.ts';
import { toInvalidItem } from '../job-types/invalid-item.ts';
import type { createItemValidator } from '../job-types/validate-item.ts';
import type { EndedItem } from './run-items.ts';
import { createTurns } from './take-turns.ts';

export interface Work {
  work: WorkItem<unknown>[];
  /** Items that do not fit their schema, as after a redrive of bad rows: they fail without being run. */
  refused: EndedItem<unknown>[];
}

interface ChunkPart extends ChunkMembers {
  tries?: Record<string, number> | null;
  /** Most items that are read; all when left out. */
  limit?: number | undefined;
}

const itemsBetweenTurns = 100;

/** What is left of a chunk to be worked on. `tries` says which try is next, by index of the item; 1 of those that it does not name. */
export async function readWork(
  client: Pool | PoolClient,
  chunk: ChunkPart,
  validate: ReturnType<typeof createItemValidator>,
): Promise<Work> {
  const work: WorkItem<unknown>[] = [];
  const refused: EndedItem<unknown>[] = [];
  const takeTurns = createTurns();
  for (const [place, { index, key, payload }] of (await readChunkItems(client, chunk)).entries()) {
    if (place % itemsBetweenTurns === 0) await takeTurns();
    const checked = validate(payload);
    if (checked.ok) {
      work.push({ index, key, input: checked.item, attempt: chunk.tries?.[index] ?? 1, files: [], data: null });
      continue;
    }
    const { field, ...error } = toInvalidItem(checked.issues[0] ?? { field: null, message: 'does not fit its schema' });
    const item = { index, key, input: null, attempt: 1, files: [], data: null };
    refused.push({ item, outcome: { state: 'FAILED', error: { ...error, field: field ?? undefined } }, durationMs: 0 });
  }
  return { work, refused };
}
