import type { Pool } from 'pg';
import { readEarlierItems } from '../database/sql/read-earlier-items.ts';
import type { FrozenJobSource } from '../domain/job.ts';
import { parseExactJson } from './parse-exact-json.ts';
import type { SourceRow } from './source-row.ts';
import { UnreadableSourceError } from './unreadable-source-error.ts';

const pageItems = 5_000;

/**
 * Items of an earlier job as rows, in the order of their indexes, the same at every reading. Iterating it throws
 * UnreadableSourceError once the job is deleted or was run again: never are items left out in silence.
 */
export async function* readEarlierJobRows(pool: Pool, source: FrozenJobSource): AsyncGenerator<SourceRow[]> {
  let row = 0;
  for (let after = -1; ;) {
    const page = await readEarlierItems(pool, source, { after, limit: pageItems });
    if (!page) {
      throw new UnreadableSourceError(
        `Job ${source.jobId} was deleted or run again after this job was submitted: its items are no longer what they were. Submit this job again.`,
      );
    }
    if (page.length === 0) return;
    yield page.map(({ payload }) => ({ row: (row += 1), raw: payload === null ? null : parseExactJson(payload) }));
    after = page.at(-1)?.index ?? after;
  }
}
