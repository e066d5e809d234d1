import { parse } from 'csv-parse/sync';
import type { KnownColumns } from './table-header.ts';

/** As much of a file as is looked at to find its delimiter. */
export const maxHeaderBytes = 16_384;

/** Which stands first wins where the header does not decide. */
const candidates = [',', ';', '\t', '|'];

/**
 * The delimiter of a table, told by its header: the one with which it names the most known columns, then the one that makes
 * the most columns. A comma when there is but one column.
 */
export function detectDelimiter(head: Buffer, knownColumns: KnownColumns | null = null): string {
  const found = candidates.map((delimiter) => {
    const columns = readHeader(head.subarray(0, maxHeaderBytes), delimiter);
    return { delimiter, known: columns.filter((name) => knownColumns?.has(name)).length, count: columns.length };
  });
  return found.reduce((best, each) => ((each.known - best.known || each.count - best.count) > 0 ? each : best), {
    delimiter: ',',
    known: 0,
    count: 1,
  }).delimiter;
}

function readHeader(head: Buffer, delimiter: string): string[] {
  try {
    const [header = []] = parse(head, { delimiter, bom: true, to: 1, skip_empty_lines: true, relax_quotes: true });
    return header.map((name) => name.trim());
  } catch {
    // A quote that is not closed: reading the file says so.
    return [];
  }
}
