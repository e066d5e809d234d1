import type { FileSource, UploadFormat } from '../../domain/job.ts';
import { UnreadableSourceError } from '../unreadable-source-error.ts';

/** Whether an archive is an Office document (ECMA-376, part 2: every package has this part). */
export function isWorkbook(entries: readonly { name: string }[]): boolean {
  return entries.some(({ name }) => name === '[Content_Types].xml');
}

/** @throws UnreadableSourceError when a client names an entry of what is no archive */
export function assertNoEntryNamed({ entry }: FileSource): void {
  if (entry === null || entry === undefined) return;
  throw new UnreadableSourceError(`The file is no ZIP archive, so it has no entry ${JSON.stringify(entry)}.`);
}

/** The error for content that is no file of its format. */
export function wrongKind(format: UploadFormat, what: string): UnreadableSourceError {
  return new UnreadableSourceError(`The file is ${what}, but it is to be read as ${format}. Say its format.`);
}
