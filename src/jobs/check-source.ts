import { InvalidInputError, type InputIssue } from '../domain/errors.ts';
import type { JobSource, UploadSource } from '../domain/job.ts';

/** Whether a source can be read as the client says, as far as that shows without reading it. @throws InvalidInputError */
export function assertSource(source: JobSource): void {
  if (source.kind !== 'upload') return;
  const issues = [...delimiterIssues(source), ...encodingIssues(source)];
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

function encodingIssues({ encoding }: UploadSource): InputIssue[] {
  if (encoding === undefined || encoding === null || isEncoding(encoding)) return [];
  return [toIssue('encoding', `must be a label like utf-8, latin1 or windows-1252, not ${JSON.stringify(encoding)}`)];
}

function isEncoding(label: string): boolean {
  try {
    return new TextDecoder(label, { fatal: true }).fatal;
  } catch {
    return false;
  }
}

function toIssue(field: string, message: string): InputIssue {
  return { path: ['source', 'upload', field], message, row: null, field };
}
