export const exportFormats = ['JSON', 'JSONL', 'CSV', 'ZIP'] as const;
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
