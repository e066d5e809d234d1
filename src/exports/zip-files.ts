import { createHash } from 'node:crypto';
import type { Readable } from 'node:stream';
import type { ExportedItem } from '../database/sql/read-export-items.ts';
import { createArchive } from './archive.ts';
import { csvTable } from './csv-text.ts';
import { jsonLines } from './json-text.ts';
import { readSections, type ReadItems, type Section } from './sections.ts';
import type { TableColumn } from './table-columns.ts';

/** A file of an archive that is made of a job's rows. Its content is read once, when its turn comes. */
export interface WrittenZipFile {
  name: string;
  sections: readonly Section[];
  /** Items in the file, known once it is read. */
  itemCount(): number;
}

/** A file that an item left. It goes into the archive as it is: pictures, sound and film are packed already. */
export interface StoredZipFile {
  name: string;
  open(): Promise<Readable>;
  /** Index of the item. */
  item: number;
}

export type ZipFile = WrittenZipFile | StoredZipFile;

/** One line of the manifest: of a table how many items are in it, of an item's file whose it is. */
interface ManifestEntry {
  name: string;
  sha256: string;
  byteSize: number;
  itemCount?: number;
  item?: number;
}

/**
 * Packs the files one after the other, then "manifest.json" with the SHA-256, size and item count of each. A file is asked
 * for when the one before it is packed. Ends with an error when one fails.
 */
export function zipFiles(files: AsyncIterable<ZipFile>, manifest: Record<string, unknown>): Readable {
  return createArchive(async (append) => {
    const entries: ManifestEntry[] = [];
    for await (const file of files) {
      const hash = createHash('sha256');
      let byteSize = 0;
      const isStored = 'open' in file;
      const content = watch(isStored ? await file.open() : toBytes(file.sections), (bytes) => {
        hash.update(bytes);
        byteSize += bytes.length;
      });
      await append(file.name, content, { isPacked: isStored });
      const about = isStored ? { item: file.item } : { itemCount: file.itemCount() };
      entries.push({ name: file.name, sha256: hash.digest('hex'), byteSize, ...about });
    }
    await append('manifest.json', one(`${JSON.stringify({ ...manifest, files: entries }, null, 2)}\n`));
  });
}

/** Most items of one file: what is longer is cut into files of a size that any tool opens. */
const maxFileItems = 20_000;

/**
 * A table as JSONL and as CSV: "items.jsonl", "items.csv"; beyond 20,000 items as numbered pairs of them, "items-001.jsonl",
 * "items-001.csv", "items-002.jsonl" and on. Every name is plain and comes once. Take a file when the one before it is read.
 */
export function* tableFiles(
  name: string,
  read: ReadItems,
  count: number,
  columns: readonly TableColumn[],
): Generator<WrittenZipFile> {
  const parts = Math.max(1, Math.ceil(count / maxFileItems));
  let after = -1;
  for (let part = 1; part <= parts; part += 1) {
    const partName = parts === 1 ? name : `${name}-${String(part).padStart(3, '0')}`;
    const json = createPart(read, after);
    yield { name: `${partName}.jsonl`, sections: [jsonLines(json.read)], itemCount: json.count };
    const csv = createPart(read, after);
    yield { name: `${partName}.csv`, sections: csvTable(csv.read, columns), itemCount: csv.count };
    after = csv.last();
  }
}

/** The items of one file, those behind `after`; what it has read is known once it is read. */
function createPart(read: ReadItems, after: number) {
  let items = 0;
  let last = after;
  async function* readPart(): AsyncGenerator<ExportedItem[]> {
    for await (const page of read(after)) {
      const kept = page.slice(0, maxFileItems - items);
      items += kept.length;
      last = kept.at(-1)?.index ?? last;
      yield kept;
      if (items === maxFileItems) return;
    }
  }
  return { read: readPart, count: () => items, last: () => last };
}

async function* toBytes(sections: readonly Section[]): AsyncGenerator<Buffer> {
  for await (const { text } of readSections(sections)) yield Buffer.from(text);
}

async function* watch(content: AsyncIterable<Buffer>, onBytes: (bytes: Buffer) => void): AsyncGenerator<Buffer> {
  for await (const bytes of content) {
    onBytes(bytes);
    yield bytes;
  }
}

async function* one(text: string): AsyncGenerator<string> {
  yield text;
}
