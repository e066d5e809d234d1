import type { Pool } from 'pg';
import type { StoredSource } from '../domain/job.ts';
import { readEarlierJobRows } from './earlier-job-rows.ts';
import type { ReadableSource } from './open-source.ts';

/** A stored source as it is read. The file of a URL, and the rows of a sheet, must have been fetched. */
export function toReadable(source: StoredSource, pool: Pool): ReadableSource {
  switch (source.kind) {
    case 'url':
      if (source.format === null) throw new Error(`The file of upload ${source.uploadId} was not fetched.`);
      return { ...source, kind: 'upload', format: source.format };
    case 'googleSheet':
      return { kind: 'upload', uploadId: source.uploadId, format: 'CSV', delimiter: ',', columns: source.columns };
    case 'job':
      return { kind: 'job', columns: source.columns, rows: () => readEarlierJobRows(pool, source) };
    default:
      return source;
  }
}
