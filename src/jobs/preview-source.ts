import { Readable } from 'node:stream';
import type { Config } from '../config.ts';
import type { Database } from '../database/database.ts';
import { toStorable } from '../domain/storable-json.ts';
import { InvalidInputError, ProviderError, type InputIssue } from '../domain/errors.ts';
import type { ColumnMapping, GoogleSheetSource, JobSource, UrlSource, ValidationLevel } from '../domain/job.ts';
import { isTable } from '../domain/upload-format.ts';
import type { JobType } from '../job-types/define-job-type.ts';
import { getJobType } from '../job-types/registry.ts';
import { createItemValidator } from '../job-types/validate-item.ts';
import { createColumnMapping, toFieldIssue } from '../sources/map-columns.ts';
import { sampleSource } from '../sources/sample-source.ts';
import type { SheetAccess } from '../sources/sheet/sheet-access.ts';
import { toCsvHeader, toCsvRows } from '../sources/sheet/sheet-csv.ts';
import { openTable, readPage } from '../sources/sheet/sheet-table.ts';
import type { ReadableSource } from '../sources/open-source.ts';
import type { SourceRow } from '../sources/source-row.ts';
import { toReadable } from '../sources/to-readable.ts';
import { tellFormat } from '../sources/url/remote-file.ts';
import { openUrlFile } from '../sources/url/url-file.ts';
import type { Storage } from '../storage/storage.ts';
import { assertSource } from './check-source.ts';
import type { Viewer } from './commands.ts';
import { findUpload } from './find-upload.ts';
import { freezeJob } from './freeze-source.ts';

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

/** Holds the first rows of a source to the schema of a job type as its ingest would do, and stores nothing. */
export function createPreviewSource({ database, storage, sheets, config }: PreviewSourceDeps): PreviewSource {
  return async (viewer, request) => {
    const { rows: count } = request;
    const jobType = getJobType(request.type);
    assertRows(count);
    assertSource(jobType, request.source);
    await findUpload(database.em(), viewer, request.source);
    const opened = await open(viewer, request.source);
    try {
      const { source } = opened;
      const deps = { storage: opened.storage, fields: jobType.fieldNames };
      const { columns, matched, rows } = await sampleSource(source, deps, count);
      const checkRow = createRowCheck(jobType, { source, columns: matched, validation: request.validation });
      return { columns, fields: columns.map(toFieldOf(jobType, matched)), rows: rows.map(checkRow) };
    } finally {
      await opened.close();
    }
  };

  async function open(viewer: Viewer, source: JobSource): Promise<OpenPreview> {
    switch (source.kind) {
      case 'url':
        return await openUrl(source);
      case 'googleSheet':
        return await openSheet(viewer, source);
      case 'job': {
        const frozen = await freezeJob(database.em(), viewer.projectId, source);
        return { source: toReadable(frozen, database.pool), storage, close: async () => undefined };
      }
      default:
        return { source, storage, close: async () => undefined };
    }
  }

  /** Its first rows, as a job would keep them. */
  async function openSheet(viewer: Viewer, source: GoogleSheetSource): Promise<OpenPreview> {
    const { projectId } = viewer;
    const { spreadsheetId, accountId } = source;
    const signal = AbortSignal.timeout(previewTimeoutMs);
    const request = { projectId, accountId, intent: 'READ' as const, consumer: `preview:${projectId}`, signal };
    const reading = sheets.use(request, async (client) => {
      const table = await openTable(client, source);
      const from = table.area.startRow;
      const { rows } = await readPage(client, { spreadsheetId, table, from, last: null, pageRows: previewRows });
      return Buffer.concat([toCsvHeader(table), toCsvRows(rows)]);
    });
    const content = await reading.catch((error: unknown) => {
      if (!signal.aborted) throw error;
      throw new ProviderError(`Google Sheets did not answer within ${previewTimeoutMs / 1_000} s. Try again.`, {
        provider: 'google',
        retryAfterMs: 5_000,
      });
    });
    return {
      source: toReadable({ ...source, uploadId: 'sheet' }, database.pool),
      storage: {
        head: async () => ({ byteSize: content.length }),
        get: async (_key, range) =>
          Readable.from([content.subarray(range?.start ?? 0, (range?.end ?? content.length) + 1)]),
      },
      close: async () => undefined,
    };
  }

  /** Nothing is kept: the file stays where it is. */
  async function openUrl(source: UrlSource): Promise<OpenPreview> {
    const access = { ...config.fetch, maxBytes: config.maxUploadBytes, timeoutMs: previewTimeoutMs };
    const { remote, file, close } = await openUrlFile(access, source);
    try {
      const format = source.format ?? (await tellFormat(remote, file, source.entry ?? null));
      return {
        source: { ...source, kind: 'upload', uploadId: 'url', format },
        storage: { head: async () => ({ byteSize: file.byteSize }), get: (_key, range) => file.read(range) },
        close,
      };
    } catch (error) {
      await close();
      throw error;
    }
  }
}

export interface PreviewSourceDeps {
  database: Database;
  storage: Storage;
  sheets: SheetAccess;
  config: Pick<Config, 'fetch' | 'maxUploadBytes'>;
}

interface OpenPreview {
  source: ReadableSource;
  storage: Pick<Storage, 'get' | 'head'>;
  close(): Promise<void>;
}

/** Of a sheet; among them may be empty ones. */
const previewRows = 1_000;
/** A person waits for it. */
const previewTimeoutMs = 30_000;

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
