import { InvalidInputError, type InputIssue } from '../domain/errors.ts';
import type { ColumnMapping, JobSource, UploadSource } from '../domain/job.ts';
import type { JobType } from '../job-types/define-job-type.ts';

/** Whether a source can be read as the client says, as far as that shows without reading it. @throws InvalidInputError */
export function assertSource(jobType: JobType, source: JobSource): void {
  if (source.kind !== 'upload') return;
  const issues = [
    ...delimiterIssues(source),
    ...encodingIssues(source),
    ...sheetIssues(source),
    ...columnIssues(jobType, source),
  ];
  if (issues.length > 0) {
    throw new InvalidInputError(
      `The file cannot be read like this: ${issues[0]?.field} ${issues[0]?.message}.`,
      issues,
    );
  }
}

function delimiterIssues({ format, delimiter }: UploadSource): InputIssue[] {
  if (delimiter === undefined || delimiter === null) return [];
  if (format !== 'CSV') return [toIssue('delimiter', `is for CSV, not for ${format}`)];
  return /^[^"\r\n\0]$/.test(delimiter)
    ? []
    : [toIssue('delimiter', 'must be one character, and no quote or line break')];
}

function sheetIssues({ format, sheet, headerRow }: UploadSource): InputIssue[] {
  const issues: InputIssue[] = [];
  if (typeof sheet === 'string' && format !== 'XLSX') issues.push(toIssue('sheet', `is for XLSX, not for ${format}`));
  if (typeof headerRow !== 'number') return issues;
  if (format !== 'XLSX') issues.push(toIssue('headerRow', `is for XLSX, not for ${format}`));
  else if (headerRow < 1) issues.push(toIssue('headerRow', `must be 1 or more, not ${headerRow}`));
  return issues;
}

function encodingIssues({ encoding, format }: UploadSource): InputIssue[] {
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

function columnIssues(jobType: JobType, { columns }: UploadSource): InputIssue[] {
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
  return { path: ['source', 'upload', ...path], message, row: null, field };
}
