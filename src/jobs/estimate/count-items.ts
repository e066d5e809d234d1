import type { SourceSample } from '../../sources/sample-source.ts';
import type { SourceRow } from '../../sources/source-row.ts';
import type { PeekedSource } from '../peek-source.ts';
import { exactly, roughly, type Estimated } from './job-estimate.ts';

/** Rows at the beginning of a file may be longer or shorter than the others. */
const bytesFactor = 1.5;
/** Of cells with line breaks there may be more or fewer further down. */
const linesFactor = 1.2;

/**
 * Items of a source, by what was read of it: counted when that was all or the file states it, else as many as its lines or bytes
 * have room for; null when nothing tells. `lineCount`: lines of the whole file, where they are known.
 */
export function countItems(
  { source, isSizeKnown, rowsBehind }: Pick<PeekedSource, 'source' | 'isSizeKnown' | 'rowsBehind'>,
  { extent, rows }: Pick<SourceSample, 'extent' | 'rows'>,
  lineCount: number | null,
): Estimated | null {
  const { progress } = extent;
  if (extent.isWhole) {
    const { expected, least, most } = rowsBehind;
    const basis = least === most ? 'MEASURED' : 'SAMPLED';
    return { expected: extent.rows + expected, least: extent.rows + least, most: extent.rows + most, basis };
  }
  if (progress?.rowsTotal !== undefined) return exactly(progress.rowsTotal, 'MEASURED');
  const format = source.kind === 'upload' ? source.format : null;
  if (lineCount !== null && format === 'JSONL') return upTo(lineCount, lineCount, extent.rows);
  if (lineCount !== null && (format === 'CSV' || format === 'TSV')) {
    return upTo((lineCount - 1) / linesPerRow(rows), lineCount - 1, extent.rows);
  }
  if (!isSizeKnown || !progress?.bytesRead) return null;
  const expected = Math.round((extent.rows / progress.bytesRead) * progress.bytesTotal);
  return notBelow(roughly(expected, bytesFactor, 'SAMPLED'), extent.rows);
}

/** Empty lines are no rows: there are at most so many, and at least those that were seen. */
function upTo(expected: number, most: number, seen: number): Estimated {
  return notBelow({ ...roughly(Math.round(expected), linesFactor, 'SAMPLED'), most }, seen);
}

function notBelow({ expected, least, most, basis }: Estimated, seen: number): Estimated {
  const bound = (value: number) => Math.max(Math.round(value), seen);
  return { expected: bound(expected), least: bound(least), most: bound(most), basis };
}

/** Cells may hold line breaks: a script has one for each of its paragraphs. */
function linesPerRow(rows: readonly SourceRow[]): number {
  if (rows.length === 0) return 1;
  const breaks = rows.reduce((sum, { raw }) => sum + countBreaks(raw), 0);
  return 1 + breaks / rows.length;
}

function countBreaks(raw: unknown): number {
  if (typeof raw !== 'object' || raw === null) return 0;
  return Object.values(raw).reduce<number>(
    (sum, cell) => sum + (typeof cell === 'string' ? cell.split('\n').length - 1 : 0),
    0,
  );
}
