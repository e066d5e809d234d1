import type { UploadFormat } from '../../domain/job.ts';
import { uploadFormatOf } from '../../domain/upload-format.ts';
import { UnreadableSourceError } from '../unreadable-source-error.ts';
import type { ZipEntry } from './open-zip.ts';

/**
 * The entry that the client names; else the only one that is called like the format, or the only one there is. What
 * operating systems put beside people's files does not count. @throws UnreadableSourceError that lists the entries
 */
export function chooseZipEntry(
  entries: readonly ZipEntry[],
  named: string | null | undefined,
  format: UploadFormat | null,
): ZipEntry {
  if (named !== null && named !== undefined) {
    const found = entries.filter(({ name }) => name === named);
    if (found.length === 1 && found[0]) return found[0];
    const problem = found.length === 0 ? 'has no entry' : 'has more than one entry';
    throw new UnreadableSourceError(`The ZIP archive ${problem} ${JSON.stringify(named)}; ${list(entries)}`);
  }
  const visible = entries.filter(({ name }) => !/(^|\/)(\.|__MACOSX\/|Thumbs\.db$|desktop\.ini$)/i.test(name));
  const fitting = visible.filter(({ name }) => {
    const told = uploadFormatOf(name);
    return format === null ? told !== null : told === format;
  });
  const candidates = fitting.length > 0 ? fitting : visible;
  if (candidates.length === 1 && candidates[0]) return candidates[0];
  if (candidates.length === 0) throw new UnreadableSourceError('The ZIP archive is empty: it holds no file.');
  throw new UnreadableSourceError(
    `The ZIP archive holds ${candidates.length} files that may be meant: say which as entry; ${list(candidates)}`,
  );
}

const maxListed = 20;

function list(entries: readonly ZipEntry[]): string {
  const names = entries.slice(0, maxListed).map(({ name }) => JSON.stringify(name.slice(0, 200)));
  const more = entries.length > maxListed ? ` and ${entries.length - maxListed} more` : '';
  return entries.length === 0 ? 'it is empty.' : `there are: ${names.join(', ')}${more}.`;
}
