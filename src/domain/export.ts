import { InvalidInputError } from './errors.ts';

export const exportFormats = ['JSON', 'JSONL', 'CSV', 'PARQUET', 'XLSX', 'ZIP'] as const;
export type ExportFormat = (typeof exportFormats)[number];

export const exportContents = ['ITEMS', 'FAILURES', 'AGGREGATES', 'ALL'] as const;
export type ExportContent = (typeof exportContents)[number];

export const exportStates = ['PENDING', 'RUNNING', 'COMPLETED', 'FAILED', 'EXPIRED'] as const;
export type ExportState = (typeof exportStates)[number];

/** Most exports of one request. */
export const maxExports = 10;

/** What a client asks for. */
export interface ExportRequest {
  format: ExportFormat;
  content: ExportContent;
  fileNamePrefix?: string | null;
  /** Names of the columns of a table, in their order; all when left out. */
  columns?: readonly string[] | null;
}

/** How far a content is written: its sections before `section`, and of that one the items up to index `after` (-1: none). */
export interface ExportPosition {
  section: number;
  after: number;
}

/** What is safely stored of an export that is being written: the next attempt goes on from here. */
export interface ExportCheckpoint {
  /** The journal entry as of which the parts were read; they are of no use once items have changed since. */
  asOfSequence: number;
  next: ExportPosition;
  /** Rows that were read, for the percentage. */
  rows: number;
  /** Storage keys in the order of the content. */
  parts: { key: string; byteSize: number }[];
}

/** True when nothing more happens to the file but its expiry. */
export function isExportEnded(state: ExportState): boolean {
  return state === 'COMPLETED' || state === 'FAILED' || state === 'EXPIRED';
}

/** @throws InvalidInputError for a content that the format cannot hold, or columns of what is no table. */
export function assertExportable({ format, content, columns }: Omit<ExportRequest, 'fileNamePrefix'>): void {
  const isTable = format === 'CSV' || format === 'PARQUET' || format === 'XLSX';
  if (columns && (!isTable || (content !== 'ITEMS' && content !== 'FAILURES'))) {
    throw refusal('columns', 'Columns can be chosen for ITEMS or FAILURES as CSV, PARQUET or XLSX.');
  }
  if (content !== 'ALL' || (format !== 'CSV' && format !== 'PARQUET')) return;
  throw refusal(
    'content',
    `A ${format} file holds one table: ask for ITEMS, FAILURES or AGGREGATES, or for ALL as JSON, JSONL, XLSX or ZIP.`,
  );
}

function refusal(field: string, message: string): InvalidInputError {
  return new InvalidInputError(message, [{ path: [field], message, row: null, field }]);
}
