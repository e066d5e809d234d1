import { InvalidInputError, toError, type InputIssue } from '../domain/errors.ts';
import type {
  ColumnMapping,
  FileReading,
  GoogleSheetSource,
  JobSource,
  UploadFormat,
  UrlSource,
} from '../domain/job.ts';
import type { JobType } from '../job-types/define-job-type.ts';
import { isSameName } from '../sources/sheet/sheet-table.ts';
import { parseSourceUrl } from '../sources/url/open-url.ts';

/** Whether a source can be read as the client says, as far as that shows without reading it. @throws InvalidInputError */
export function assertSource(jobType: JobType, source: JobSource): void {
  if (source.kind === 'inline') return;
  const found = [
    ...(source.kind === 'url' ? [...urlIssues(source), ...headerIssues(source)] : []),
    ...(source.kind === 'googleSheet' ? googleSheetIssues(jobType, source) : []),
    ...(source.kind === 'upload' || source.kind === 'url'
      ? [...delimiterIssues(source), ...encodingIssues(source), ...sheetIssues(source)]
      : []),
    ...columnIssues(jobType, source),
  ];
  const issues = found.map((issue) => ({ ...issue, path: ['source', source.kind, ...issue.path] }));
  if (issues.length > 0) {
    const what = source.kind === 'upload' || source.kind === 'url' ? 'file' : 'source';
    throw new InvalidInputError(
      `The ${what} cannot be read like this: ${issues[0]?.field} ${issues[0]?.message}.`,
      issues,
    );
  }
}

/** Longer URLs are not taken by most servers. */
const maxUrlLength = 8_192;

function urlIssues({ url }: UrlSource): InputIssue[] {
  if (url.length > maxUrlLength) return [toIssue('url', `must be at most ${maxUrlLength} characters`)];
  try {
    parseSourceUrl(url);
    return [];
  } catch (error) {
    return [toIssue('url', `cannot be fetched: ${toError(error).message.replace(/\.$/, '')}`)];
  }
}

const maxHeaders = 20;
const maxHeaderBytes = 8_192;
/** These belong to the connection or to the ranges that the server asks for. */
const ownHeaders =
  /^(?:host|connection|keep-alive|te|trailer|upgrade|transfer-encoding|content-.*|expect|proxy-.*|range|if-.*|accept-encoding)$/i;

function headerIssues({ headers }: UrlSource): InputIssue[] {
  if (headers.length > maxHeaders) return [toIssue('headers', `must be at most ${maxHeaders}`)];
  return headers.flatMap(({ name, value }) => {
    if (!/^[\w!#$%&'*+.^`|~-]{1,100}$/.test(name) || ownHeaders.test(name)) {
      return [toIssue('headers', `cannot hold one that is called ${JSON.stringify(name.slice(0, 100))}`)];
    }
    // RFC 9110, 5.5; a value may be a secret and is not repeated.
    const isSendable = value.length <= maxHeaderBytes && /^[\t\x20-\x7e\x80-\xff]*$/.test(value);
    return isSendable
      ? []
      : [toIssue('headers', `cannot send the value of ${name}: it is too long or holds control characters`)];
  });
}

const maxNameLength = 200;

/** Columns that are written back must be others than those that are read. */
function googleSheetIssues(jobType: JobType, { headerRow, columns, writeBack }: GoogleSheetSource): InputIssue[] {
  const issues: InputIssue[] = [];
  if (typeof headerRow === 'number' && headerRow < 1) {
    issues.push(toIssue('headerRow', `must be 1 or more, not ${headerRow}`));
  }
  const named = Object.entries(writeBack ?? {}).flatMap(([part, name]) => (name === null ? [] : [{ part, name }]));
  if (writeBack && named.length === 0) issues.push(toIssue('writeBack', 'must name a column for state, link or error'));
  const problemOf = (part: string, name: string): string | null => {
    if (name.trim() === '' || name.length > maxNameLength) return `must be a name of 1 to ${maxNameLength} characters`;
    const field = columns?.find(({ column }) => isSameName(column, name))?.field ?? jobType.fieldNames.find(name);
    const other = `must be another column than ${JSON.stringify(name)}, which`;
    if (field !== null) return `${other} the field ${field} is read from`;
    const isTwin = named.some((each) => each.part !== part && isSameName(each.name, name));
    return isTwin ? `${other} is written already` : null;
  };
  for (const { part, name } of named) {
    const message = problemOf(part, name);
    if (message !== null) issues.push({ path: ['writeBack', part], message, row: null, field: part });
  }
  return issues;
}

/** The format of a URL's file may be told by the file alone. */
type UnreadFile = FileReading & { format: UploadFormat | null };

function delimiterIssues({ format, delimiter }: UnreadFile): InputIssue[] {
  if (delimiter === undefined || delimiter === null) return [];
  if (format !== null && format !== 'CSV') return [toIssue('delimiter', `is for CSV, not for ${format}`)];
  return /^[^"\r\n\0]$/.test(delimiter)
    ? []
    : [toIssue('delimiter', 'must be one character, and no quote or line break')];
}

function sheetIssues({ format, sheet, headerRow }: UnreadFile): InputIssue[] {
  const issues: InputIssue[] = [];
  const isWorkbook = format === null || format === 'XLSX';
  if (typeof sheet === 'string' && !isWorkbook) issues.push(toIssue('sheet', `is for XLSX, not for ${format}`));
  if (typeof headerRow !== 'number') return issues;
  if (!isWorkbook) issues.push(toIssue('headerRow', `is for XLSX, not for ${format}`));
  else if (headerRow < 1) issues.push(toIssue('headerRow', `must be 1 or more, not ${headerRow}`));
  return issues;
}

function encodingIssues({ encoding, format }: UnreadFile): InputIssue[] {
  if (encoding === undefined || encoding === null) return [];
  if (format === 'XLSX' || format === 'PARQUET') return [toIssue('encoding', `is for text, not for ${format}`)];
  if (isEncoding(encoding)) return [];
  return [toIssue('encoding', `must be a label like utf-8, latin1 or windows-1252, not ${JSON.stringify(encoding)}`)];
}

function isEncoding(label: string): boolean {
  try {
    return new TextDecoder(label, { fatal: true }).fatal;
  } catch {
    return false;
  }
}

/** More columns than a table has that people make. */
const maxColumns = 1_000;

function columnIssues(jobType: JobType, { columns }: Pick<FileReading, 'columns'>): InputIssue[] {
  if (!columns) return [];
  if (columns.length > maxColumns) return [toIssue('columns', `must be at most ${maxColumns}`)];
  const fields = Object.keys(jobType.item.shape);
  return columns.flatMap(({ column, field }, index) => [
    ...(fields.includes(field)
      ? []
      : [toIssue('field', `must be one of ${fields.join(', ')}, not ${JSON.stringify(field)}`, index)]),
    ...repeated(columns, 'column', column, index),
    ...repeated(columns, 'field', field, index),
  ]);
}

function repeated(
  columns: readonly ColumnMapping[],
  part: keyof ColumnMapping,
  name: string,
  index: number,
): InputIssue[] {
  const isFirst = columns.findIndex((each) => each[part] === name) === index;
  return isFirst ? [] : [toIssue(part, `${JSON.stringify(name)} is named twice`, index)];
}

function toIssue(field: string, message: string, index?: number): InputIssue {
  const path = index === undefined ? [field] : ['columns', String(index), field];
  return { path, message, row: null, field };
}
