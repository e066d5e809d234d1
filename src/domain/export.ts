import { InvalidInputError } from './errors.ts';

export const exportFormats = ['JSON', 'JSONL', 'CSV', 'PARQUET', 'ZIP'] as const;
export type ExportFormat = (typeof exportFormats)[number];

export const exportContents = ['ITEMS', 'FAILURES', 'AGGREGATES', 'ALL'] as const;
export type ExportContent = (typeof exportContents)[number];

export const exportStates = ['PENDING', 'RUNNING', 'COMPLETED', 'FAILED', 'EXPIRED'] as const;
export type ExportState = (typeof exportStates)[number];

/** What a client asks for. */
export interface ExportRequest {
  format: ExportFormat;
  content: ExportContent;
  fileNamePrefix?: string | null;
  /** Names of the columns of a table, in their order; all when left out. */
  columns?: readonly string[] | null;
}

/** @throws InvalidInputError for a content that the format cannot hold, or columns of what is no table. */
export function assertExportable({ format, content, columns }: Omit<ExportRequest, 'fileNamePrefix'>): void {
  const isTable = format === 'CSV' || format === 'PARQUET';
  if (columns && (!isTable || content === 'AGGREGATES')) {
    throw refusal('columns', 'Columns can be chosen for ITEMS or FAILURES as CSV or PARQUET.');
  }
  if (content !== 'ALL' || !isTable) return;
  throw refusal(
    'content',
    `A ${format} file holds one table: ask for ITEMS, FAILURES or AGGREGATES, or for ALL as JSON, JSONL or ZIP.`,
  );
}

function refusal(field: string, message: string): InvalidInputError {
  return new InvalidInputError(message, [{ path: [field], message, row: null, field }]);
}
