export const priorities = ['LOW', 'NORMAL', 'HIGH'] as const;
export type Priority = (typeof priorities)[number];

/** STRICT: a bad item refuses the job. MODERATE: it fails alone. PERMISSIVE: it is coerced first. */
export const validationLevels = ['STRICT', 'MODERATE', 'PERMISSIVE'] as const;
export type ValidationLevel = (typeof validationLevels)[number];

export const uploadFormats = ['CSV', 'TSV', 'JSONL', 'JSON', 'XLSX', 'PARQUET'] as const;
export type UploadFormat = (typeof uploadFormats)[number];

/** A column of a source, and the field of the item that it fills. */
export interface ColumnMapping {
  column: string;
  field: string;
}

/** How to read a file, wherever it comes from. */
export interface FileReading {
  /** Character between the columns of a CSV; told by its header when left out. */
  delimiter?: string | null;
  /** Label of the WHATWG Encoding Standard ("windows-1252"); told by the byte order mark, else UTF-8, when left out. */
  encoding?: string | null;
  /** Columns that are not called like their fields; the others are. */
  columns?: ColumnMapping[] | null;
  /** Name of a sheet of a workbook, or its position from 1; the first that can be seen when left out. */
  sheet?: string | null;
  /** Row of the sheet that names the columns, from 1; the first that is not empty when left out. */
  headerRow?: number | null;
  /** Name of the file in a ZIP archive; needed when several may be meant. */
  entry?: string | null;
}

/** A file whose format is known. */
export interface FileSource extends FileReading {
  format: UploadFormat;
}

/** A file that was sent before. */
export interface UploadSource extends FileSource {
  kind: 'upload';
  uploadId: string;
}

export interface HttpHeader {
  name: string;
  value: string;
}

/** A file that the server fetches; its name or type tells the format that is not given. */
export interface UrlSource extends FileReading {
  kind: 'url';
  url: string;
  headers: HttpHeader[];
  format: UploadFormat | null;
}

/** ALL and FAILED: inputs of items. OUTPUTS: what the job made of the items that SUCCEEDED. */
export const earlierItems = ['ALL', 'FAILED', 'OUTPUTS'] as const;
export type EarlierItems = (typeof earlierItems)[number];

/** Items of a job of the same project that has ended, in the order of their indexes. */
export interface EarlierJobSource {
  kind: 'job';
  jobId: string;
  items: EarlierItems;
  columns?: ColumnMapping[] | null;
}

/** Which columns of a sheet are told what became of its rows; null for none. */
export interface SheetWriteBackColumns {
  state: string | null;
  link: string | null;
  error: string | null;
}

/** A table in a Google Sheet. */
export interface GoogleSheetSource {
  kind: 'googleSheet';
  spreadsheetId: string;
  /** Cells, a tab or a named range; the first tab that can be seen when null. */
  range: string | null;
  /** Of the account that reads it; the installation itself when null. */
  accountId: string | null;
  /** Row of the tab that names the columns, from 1; the first of the range that is not empty when left out. */
  headerRow?: number | null;
  columns?: ColumnMapping[] | null;
  writeBack: SheetWriteBackColumns | null;
}

interface InlineSource {
  kind: 'inline';
  items: unknown[];
}

/** Where a job's items come from, as a client says it. */
export type JobSource = InlineSource | UploadSource | UrlSource | GoogleSheetSource | EarlierJobSource;

/** A URL with its headers as it is stored: sealed, for either may hold a secret. The file becomes an upload. */
export interface SealedUrlSource extends FileReading {
  kind: 'url';
  uploadId: string;
  /** JSON of { url, headers }, encrypted. */
  sealed: string;
  /** Null until the file is fetched, unless the client said it. */
  format: UploadFormat | null;
}

/** A sheet as it is stored. Its rows become an upload. */
export interface FrozenSheetSource extends GoogleSheetSource {
  uploadId: string;
}

/** An earlier job as it was when it was named. */
export interface FrozenJobSource extends EarlierJobSource {
  /** When it ended, as ISO 8601: it is another one once it was retried. */
  endedAt: string;
}

/** Where a job's items come from, as it is stored. */
export type StoredSource = InlineSource | UploadSource | SealedUrlSource | FrozenSheetSource | FrozenJobSource;

/** The most items that a request may carry itself. */
export const maxInlineItems = 1_000;
