import { readRange, type SourceFile } from './source-file.ts';

/** What a file is by its first bytes; TEXT for all that has none of the known beginnings. */
export type FileKind = 'GZIP' | 'ZIP' | 'PARQUET' | 'COMPOUND' | 'TEXT';

export const magicBytes = 8;

const beginnings: [FileKind, Buffer][] = [
  // RFC 1952, 2.3.1
  ['GZIP', Buffer.from([0x1f, 0x8b])],
  // APPNOTE.TXT, 4.3.7 and 4.3.16: an archive without entries begins with its end.
  ['ZIP', Buffer.from('PK\x03\x04', 'latin1')],
  ['ZIP', Buffer.from('PK\x05\x06', 'latin1')],
  ['PARQUET', Buffer.from('PAR1', 'latin1')],
  ['PARQUET', Buffer.from('PARE', 'latin1')],
  // MS-CFB, 2.2: workbooks before 2007, and all that have a password.
  ['COMPOUND', Buffer.from('d0cf11e0a1b11ae1', 'hex')],
];

/** What the first bytes of a file say that it is; TEXT when they say nothing. */
export function fileKindOf(head: Buffer): FileKind {
  return beginnings.find(([, magic]) => head.subarray(0, magic.length).equals(magic))?.[0] ?? 'TEXT';
}

/** The same of a file of which nothing is read yet. */
export async function readFileKind(file: SourceFile): Promise<FileKind> {
  return fileKindOf(await readRange(file, 0, magicBytes));
}

/** What came, as people call it. */
export const kindNames: Record<FileKind, string> = {
  GZIP: 'a gzip file',
  ZIP: 'a ZIP archive',
  PARQUET: 'a Parquet file',
  COMPOUND: 'a workbook of Excel before 2007 (.xls), or one with a password',
  TEXT: 'plain text',
};
