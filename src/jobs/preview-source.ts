import type { Database } from '../database/database.ts';
import { toStorable } from '../database/storable-json.ts';
import { InvalidInputError, type InputIssue } from '../domain/errors.ts';
import type { ColumnMapping, JobSource, ValidationLevel } from '../domain/job.ts';
import { isTable } from '../domain/upload-format.ts';
import type { JobType } from '../job-types/define-job-type.ts';
import { getJobType } from '../job-types/registry.ts';
import { createItemValidator } from '../job-types/validate-item.ts';
import { createColumnMapping, toFieldIssue } from '../sources/map-columns.ts';
import { sampleSource } from '../sources/sample-source.ts';
import type { ReadableSource } from '../sources/open-source.ts';
import type { SourceRow } from '../sources/source-row.ts';
import { assertSource } from './check-source.ts';
import type { Viewer } from './commands.ts';
import { findUpload } from './find-upload.ts';
import type { PeekSource } from './peek-source.ts';

export interface PreviewSourceRequest {
  /** Name of the job type. */
  type: string;
  source: JobSource;
  validation: ValidationLevel;
  /** 1 to 100. */
  rows: number;
}

export interface SourcePreview {
  /** Names as the source has them. */
  columns: string[];
  /** For each column the field that it fills, by its name, an alias or as the client says; null for one that is left unread. */
  fields: (string | null)[];
  rows: PreviewedRow[];
}

/** A row as a job would take it: without issues it is valid. */
export interface PreviewedRow {
  row: number;
  key: string | null;
  /** As the source has it; what Postgres cannot hold is replaced. */
  raw: unknown;
  issues: InputIssue[];
}

/** @throws InvalidInputError, NotFoundError, ConflictError while the file is not sent */
export type PreviewSource = (viewer: Viewer, request: PreviewSourceRequest) => Promise<SourcePreview>;

const maxRows = 100;
/** A person waits for it. */
const previewTimeoutMs = 30_000;

/** Holds the first rows of a source to the schema of a job type as its ingest would do, and stores nothing. */
export function createPreviewSource({ database, peekSource }: PreviewSourceDeps): PreviewSource {
  return async (viewer, request) => {
    const { rows: count } = request;
    const jobType = getJobType(request.type);
    assertRows(count);
    assertSource(jobType, request.source);
    await findUpload(database.em(), viewer, request.source);
    const opened = await peekSource(viewer, request.source, { purpose: 'PREVIEW', timeoutMs: previewTimeoutMs });
    try {
      const { source, storage } = opened;
      const { columns, matched, rows } = await sampleSource(
        source,
        { storage, fields: jobType.fieldNames },
        { keep: count },
      );
      const checkRow = createRowCheck(jobType, { source, columns: matched, validation: request.validation });
      return { columns, fields: columns.map(toFieldOf(jobType, matched)), rows: rows.map(checkRow) };
    } finally {
      await opened.close();
    }
  };
}

export interface PreviewSourceDeps {
  database: Database;
  peekSource: PeekSource;
}

function assertRows(rows: number): void {
  if (rows >= 1 && rows <= maxRows) return;
  const message = `must be 1 to ${maxRows}, not ${rows}`;
  throw new InvalidInputError(`rows ${message}.`, [{ path: ['rows'], message, row: null, field: 'rows' }]);
}

/** The field that a column fills; null when it is left unread. */
function toFieldOf(jobType: JobType, matched: readonly ColumnMapping[]): (column: string) => string | null {
  const { names } = jobType.fieldNames;
  const isFilled = (field: string) => matched.some((each) => each.field === field);
  return (column) =>
    matched.find((each) => each.column === column)?.field ??
    (names.includes(column) && !isFilled(column) ? column : null);
}

interface RowCheck {
  source: ReadableSource;
  columns: readonly ColumnMapping[];
  validation: ValidationLevel;
}

function createRowCheck(jobType: JobType, { source, columns, validation }: RowCheck) {
  const isFile = source.kind === 'upload';
  const validate = createItemValidator(jobType, validation, isFile && isTable(source.format) ? 'TEXT' : 'TYPED');
  const toFields = createColumnMapping(columns);
  return ({ row, raw, problem }: SourceRow): PreviewedRow => {
    const shown = toStorable(raw);
    if (problem) return { row, key: null, raw: shown, issues: [toFieldIssue(columns, problem)] };
    const checked = validate(toFields(raw));
    if (checked.ok) return { row, key: checked.key, raw: shown, issues: [] };
    const issues = checked.issues.map(({ field, message }) => ({
      path: field?.split('.') ?? [],
      message,
      row,
      field,
    }));
    return { row, key: checked.key, raw: shown, issues };
  };
}
