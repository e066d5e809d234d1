import { UnreadableSourceError } from './unreadable-source-error.ts';

/** As many as a sheet of a spreadsheet has (ECMA-376; Excel's last column is XFD). */
export const maxColumns = 16_384;

/** Columns of which a header must name one: otherwise it is none. */
export interface KnownColumns {
  /** To tell people. */
  names: readonly string[];
  has(column: string): boolean;
}

/** Names without the space around them, each there and there once. @throws UnreadableSourceError */
export function checkColumnNames(
  names: readonly string[],
  describe: (index: number) => string = (index) => `Column ${index + 1}`,
): string[] {
  if (names.length > maxColumns) {
    throw new UnreadableSourceError(`The header has ${names.length} columns; at most ${maxColumns} are read.`);
  }
  const header = names.map((name) => name.trim());
  const nameless = header.indexOf('');
  if (nameless >= 0) throw new UnreadableSourceError(`${describe(nameless)} of the header has no name.`);
  const broken = header.findIndex((name) => name.includes('\0'));
  if (broken >= 0) throw new UnreadableSourceError(`${describe(broken)} of the header holds a NUL character.`);
  const seen = new Set<string>();
  for (const name of header) {
    if (seen.has(name)) throw new UnreadableSourceError(`The header names the column ${JSON.stringify(name)} twice.`);
    seen.add(name);
  }
  return header;
}
