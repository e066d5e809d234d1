import { posix } from 'node:path';
import type { SourceFile } from '../source-file.ts';
import type { SourceProgress } from '../source-row.ts';
import { temporaryFileLimits, unpackLimits, type UnpackLimits } from '../unpack-limits.ts';
import { UnreadableSourceError } from '../unreadable-source-error.ts';
import { listZipEntries } from '../zip/open-zip.ts';
import { readZipEntry } from '../zip/read-zip-entry.ts';
import { noDates, readDateStyles, type IsDateStyle } from './number-formats.ts';
import { readWholeXml } from './read-xml.ts';
import { noSharedStrings, readSharedStrings, type SharedStrings } from './shared-strings.ts';

/** A workbook of Office Open XML (ECMA-376, part 1, 12.3). */
export interface Workbook {
  /** In their order, without those that hold charts or macros. */
  sheets: Sheet[];
  /** Whether its days are counted from 1904. */
  isFrom1904: boolean;
  readDateStyles(): Promise<IsDateStyle>;
  readSharedStrings(): Promise<SharedStrings>;
  readSheet(sheet: Sheet, progress: SourceProgress): AsyncIterable<Buffer>;
}

export interface Sheet {
  name: string;
  isHidden: boolean;
  /** Where it lies in the archive. */
  part: string;
}

/** Parts that are read whole: what people make has a few kilobytes. */
const smallParts: UnpackLimits = { ...unpackLimits, maxBytes: 64 * 2 ** 20 };

/** @throws UnreadableSourceError */
export async function openWorkbook(file: SourceFile): Promise<Workbook> {
  const entries = new Map((await listZipEntries(file)).map((entry) => [entry.name.toLowerCase(), entry]));
  const has = (part: string | undefined): part is string => part !== undefined && entries.has(part.toLowerCase());
  const read = (part: string, limits = smallParts, progress?: SourceProgress) => {
    const entry = entries.get(part.toLowerCase());
    if (!entry) throw new UnreadableSourceError(`The workbook has no part ${JSON.stringify(part)}. Was it sent whole?`);
    return readZipEntry(file, entry, limits, progress);
  };

  const readRelations = async (part: string): Promise<Relation[]> => {
    const { dir, base } = posix.parse(part);
    const relations = posix.join(dir, '_rels', `${base}.rels`);
    return has(relations) ? await readRelationsOf(dir, relations, read(relations)) : [];
  };

  const root = (await readRelations('')).find(({ type }) => type === 'officeDocument')?.part ?? 'xl/workbook.xml';
  if (!has(root) || !/\.xml$/i.test(root)) {
    throw new UnreadableSourceError('The file is an Office document, but no XLSX workbook. Save it as XLSX.');
  }
  const relations = await readRelations(root);
  const partOf = (type: string) => relations.find((each) => each.type === type)?.part;
  const { sheets, isFrom1904 } = await readSheets(root, read(root), relations);
  const [styles, sharedStrings] = [partOf('styles'), partOf('sharedStrings')];
  return {
    sheets,
    isFrom1904,
    readDateStyles: async () => (has(styles) ? await readDateStyles(read(styles), styles) : noDates),
    readSharedStrings: async () =>
      has(sharedStrings)
        ? await readSharedStrings(read(sharedStrings, temporaryFileLimits), sharedStrings)
        : noSharedStrings,
    readSheet: ({ part }, progress) => read(part, unpackLimits, progress),
  };
}

/** The sheet of that name, else at that position from 1, else the first that can be seen. @throws UnreadableSourceError */
export function chooseSheet({ sheets }: Workbook, wanted: string | null | undefined): Sheet {
  if (wanted === null || wanted === undefined) {
    const first = sheets.find(({ isHidden }) => !isHidden) ?? sheets[0];
    if (first) return first;
    throw new UnreadableSourceError('The workbook has no sheet with cells.');
  }
  const found =
    sheets.find(({ name }) => name === wanted) ??
    sheets.find(({ name }) => name.toLowerCase() === wanted.toLowerCase()) ??
    (/^[1-9]\d{0,4}$/.test(wanted) ? sheets[Number(wanted) - 1] : undefined);
  if (found) return found;
  const names = sheets.slice(0, 50).map(({ name }) => JSON.stringify(name));
  throw new UnreadableSourceError(
    `The workbook has no sheet ${JSON.stringify(wanted)}; there are: ${names.join(', ')}.`,
  );
}

interface Relation {
  id: string;
  /** The last part of its URI: writers use two namespaces for the same thing. */
  type: string;
  part: string;
}

async function readRelationsOf(dir: string, part: string, pieces: AsyncIterable<Buffer>): Promise<Relation[]> {
  const relations: Relation[] = [];
  await readWholeXml(pieces, part, {
    open: (name, attributes) => {
      const { Id: id = '', Type: type = '', Target: target = '', TargetMode: mode } = attributes;
      if (name !== 'Relationship' || mode === 'External') return;
      const path = target.startsWith('/') ? target.slice(1) : posix.join(dir, target);
      relations.push({ id, type: type.slice(type.lastIndexOf('/') + 1), part: path });
    },
  });
  return relations;
}

async function readSheets(part: string, pieces: AsyncIterable<Buffer>, relations: readonly Relation[]) {
  const worksheets = new Map(relations.flatMap((each) => (each.type === 'worksheet' ? [[each.id, each.part]] : [])));
  const sheets: Sheet[] = [];
  let isFrom1904 = false;
  await readWholeXml(pieces, part, {
    open: (name, attributes) => {
      if (name === 'workbookPr') isFrom1904 = /^(1|true)$/.test(attributes['date1904'] ?? '');
      if (name !== 'sheet') return;
      const [, id = ''] = Object.entries(attributes).find(([key]) => key.endsWith(':id')) ?? [];
      const sheet = worksheets.get(id);
      const isHidden = (attributes['state'] ?? 'visible') !== 'visible';
      if (sheet !== undefined) sheets.push({ name: attributes['name'] ?? '', isHidden, part: sheet });
    },
  });
  return { sheets, isFrom1904 };
}
