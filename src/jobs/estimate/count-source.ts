import type { Upload } from '../../database/entities/upload.ts';
import type { JobSource } from '../../domain/job.ts';
import { isTable } from '../../domain/upload-format.ts';
import { exactly, roughly, type Estimated } from './job-estimate.ts';

/** A line break may lie within a cell: lines are more than rows, never fewer by much. */
const linesPerRow = 1.2;

/** Items of a source, as far as that is known without reading it; null when it is not. `total`: those of an earlier job. */
export function countSource(
  source: JobSource,
  { upload, total }: { upload: Upload | null; total: number | null },
): Estimated | null {
  if (source.kind === 'inline') return exactly(source.items.length, 'MEASURED');
  if (source.kind === 'job') return total === null ? null : exactly(total, 'MEASURED');
  if (source.kind !== 'upload') return null;
  const lines = upload?.lineCount ?? null;
  // The lines of a JSON document say nothing about its items.
  if (lines === null || source.format === 'JSON') return null;
  if (!isTable(source.format)) return exactly(lines, 'SAMPLED');
  return { ...roughly(Math.max(lines - 1, 0), linesPerRow, 'SAMPLED'), most: Math.max(lines - 1, 0) };
}
