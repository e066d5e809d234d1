export const priorities = ['LOW', 'NORMAL', 'HIGH'] as const;
export type Priority = (typeof priorities)[number];

/** STRICT: a bad item refuses the job. MODERATE: it fails alone. PERMISSIVE: it is coerced first. */
export const validationLevels = ['STRICT', 'MODERATE', 'PERMISSIVE'] as const;
export type ValidationLevel = (typeof validationLevels)[number];

export const uploadFormats = ['CSV', 'TSV', 'JSONL', 'JSON'] as const;
export type UploadFormat = (typeof uploadFormats)[number];

/** A column of a source, and the field of the item that it fills. */
export interface ColumnMapping {
  column: string;
  field: string;
}

/** A file that was sent before, and how to read it. */
export interface UploadSource {
  kind: 'upload';
  uploadId: string;
  format: UploadFormat;
  /** Character between the columns of a CSV; told by its header when left out. */
  delimiter?: string | null;
  /** Label of the WHATWG Encoding Standard ("windows-1252"); told by the byte order mark, else UTF-8, when left out. */
  encoding?: string | null;
  /** Columns that are not called like their fields; the others are. */
  columns?: ColumnMapping[] | null;
}

/** Where a job's items come from. */
export type JobSource = { kind: 'inline'; items: unknown[] } | UploadSource;

/** The most items that a request may carry itself. */
export const maxInlineItems = 1_000;
