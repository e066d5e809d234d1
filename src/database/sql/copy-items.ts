import { pipeline } from 'node:stream/promises';
import type { PoolClient } from 'pg';
import { from as copyFrom } from 'pg-copy-streams';

export interface NewItem {
  index: number;
  key: string;
  /** JSON text. */
  payload: string;
}

/** Writes items in bulk, in the text format of COPY. */
export async function copyItems(client: PoolClient, jobId: string, items: readonly NewItem[]): Promise<void> {
  if (items.length === 0) return;
  const copy = client.query(copyFrom('copy items (job_id, index, key, payload) from stdin'));
  await pipeline(
    [items.map(({ index, key, payload }) => `${jobId}\t${index}\t${escape(key)}\t${escape(payload)}\n`).join('')],
    copy,
  );
}

const special = /[\\\t\n\r]/g;
const escapes: Record<string, string> = { '\\': '\\\\', '\t': '\\t', '\n': '\\n', '\r': '\\r' };

/** Postgres manual, COPY, "Text Format": the delimiters and the backslash itself; everything else stands for itself. */
function escape(text: string): string {
  return text.replace(special, (character) => escapes[character] ?? character);
}
