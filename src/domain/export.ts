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
}

/** @throws InvalidInputError for a content that the format cannot hold. */
export function assertExportable({ format, content }: Pick<ExportRequest, 'format' | 'content'>): void {
  if (content !== 'ALL' || (format !== 'CSV' && format !== 'PARQUET')) return;
  const message = `A ${format} file holds one table: ask for ITEMS, FAILURES or AGGREGATES, or for ALL as JSON, JSONL or ZIP.`;
  throw new InvalidInputError(message, [{ path: ['content'], message, row: null, field: 'content' }]);
}
