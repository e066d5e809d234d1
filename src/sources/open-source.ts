import { assertNever } from '../domain/errors.ts';
import type { JobSource, UploadFormat } from '../domain/job.ts';
import type { Storage } from '../storage/storage.ts';
import { readCsvRows } from './csv-rows.ts';
import { readJsonlRows } from './jsonl-rows.ts';
import type { SourceProgress, SourceRow } from './source-row.ts';
import { readUploadBytes } from './upload-bytes.ts';

export interface SourceDeps {
  storage: Storage;
  /** Fields of the items: a CSV that names none of them has no header. */
  knownColumns?: readonly string[];
}

/** Rows in the order of the source, the same at every reading. Memory does not grow with the source. */
export interface OpenSource extends AsyncIterable<SourceRow> {
  /** How far the file has been read; null for items that came with the request. */
  progress: SourceProgress | null;
}

/**
 * Opens a source for one reading. Iterating it throws NotFoundError when its file is gone and UnreadableSourceError when
 * the file as a whole cannot be read; a bad row is a row with a `problem`.
 */
export function openSource(source: JobSource, deps: SourceDeps): OpenSource {
  switch (source.kind) {
    case 'inline':
      return Object.assign(inlineRows(source.items), { progress: null });
    case 'upload': {
      const progress = { bytesRead: 0, bytesTotal: 0 };
      const bytes = readUploadBytes(deps.storage, source.uploadId, progress);
      return Object.assign(oneByOne(readRows(source.format, bytes, deps)), { progress });
    }
    default:
      return assertNever(source);
  }
}

function readRows(format: UploadFormat, bytes: AsyncIterable<Buffer>, deps: SourceDeps): AsyncIterable<SourceRow[]> {
  switch (format) {
    case 'CSV':
      return readCsvRows(bytes, deps.knownColumns);
    case 'JSONL':
      return readJsonlRows(bytes);
    default:
      return assertNever(format);
  }
}

async function* oneByOne(batches: AsyncIterable<SourceRow[]>): AsyncGenerator<SourceRow> {
  for await (const batch of batches) yield* batch;
}

async function* inlineRows(items: readonly unknown[]): AsyncGenerator<SourceRow> {
  for (const [index, raw] of items.entries()) yield { row: index + 1, raw };
}
