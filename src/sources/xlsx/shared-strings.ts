import { readSync, writeSync } from 'node:fs';
import type { FileHandle } from 'node:fs/promises';
import { maxRowBytes } from '../source-row.ts';
import { openTemporaryFile } from '../temporary-file.ts';
import { UnreadableSourceError } from '../unreadable-source-error.ts';
import { readXml } from './read-xml.ts';

/** The texts that cells refer to by number. */
export interface SharedStrings {
  /** Null when there is none of that number, or it is longer than a row may be. */
  get(index: number): string | null;
  close(): Promise<void>;
}

export const noSharedStrings: SharedStrings = { get: () => null, close: async () => undefined };

const pageBytes = 65_536;
/** So many pages are held in memory, 16 MiB; the others lie in a file without a name. */
const maxPagesHeld = 256;
/** A number of eight bytes is kept for each. */
const maxStrings = 2 ** 24;

/** Reads the shared strings of a workbook; memory does not grow with their length. @throws UnreadableSourceError */
export async function readSharedStrings(pieces: AsyncIterable<Buffer>, part: string): Promise<SharedStrings> {
  const file = await openTemporaryFile();
  try {
    const store = createTextStore(file);
    let text = '';
    let isText = false;
    let isPhonetic = false;
    const reading = readXml(pieces, part, {
      open: (name) => {
        if (name === 'si') text = '';
        if (name === 'rPh') isPhonetic = true;
        isText = name === 't' && !isPhonetic;
      },
      text: (found) => {
        // One character too many is enough to tell that it is too long.
        if (isText && text.length <= maxRowBytes) text += found;
      },
      close: (name) => {
        isText = false;
        if (name === 'rPh') isPhonetic = false;
        if (name !== 'si') return;
        if (store.count() === maxStrings) throw new UnreadableSourceError(`${part} has more than ${maxStrings} texts.`);
        store.add(text);
      },
    });
    for await (const _ of reading);
    return { get: store.get, close: () => file.close() };
  } catch (error) {
    await file.close();
    throw error;
  }
}

/** Texts one behind the other, in pages of which the first are held and the others lie in the file. */
function createTextStore(file: FileHandle) {
  const held: Buffer[] = [];
  /** Of pages that lie in the file, those that were asked for last. */
  const recent = new Map<number, Buffer>();
  let last = Buffer.alloc(pageBytes);
  let size = 0;
  let count = 0;
  let starts = new Float64Array(1_024);

  const flush = () => {
    if (held.length < maxPagesHeld) {
      held.push(last);
      last = Buffer.alloc(pageBytes);
      return;
    }
    for (let offset = 0; offset < pageBytes;) {
      offset += writeSync(file.fd, last, offset, pageBytes - offset, size - pageBytes + offset);
    }
  };

  const pageAt = (number: number): Buffer => {
    const found = held[number] ?? (number === Math.floor(size / pageBytes) ? last : recent.get(number));
    if (found) return found;
    const page = Buffer.alloc(pageBytes);
    for (let offset = 0; offset < pageBytes;) {
      offset += readSync(file.fd, page, offset, pageBytes - offset, number * pageBytes + offset);
    }
    recent.set(number, page);
    const [oldest] = recent.keys();
    if (recent.size > maxPagesHeld && oldest !== undefined) recent.delete(oldest);
    return page;
  };

  return {
    count: () => count,
    add(text: string): void {
      if (count + 1 >= starts.length) {
        const grown = new Float64Array(starts.length * 2);
        grown.set(starts);
        starts = grown;
      }
      const bytes = Buffer.from(text);
      for (let offset = 0; offset < bytes.length;) {
        const within = size % pageBytes;
        const copied = bytes.copy(last, within, offset);
        offset += copied;
        size += copied;
        if (within + copied === pageBytes) flush();
      }
      count += 1;
      starts[count] = size;
    },
    get(index: number): string | null {
      if (index >= count) return null;
      const start = starts[index] ?? 0;
      const end = starts[index + 1] ?? start;
      if (end - start > maxRowBytes) return null;
      const pages: Buffer[] = [];
      for (let at = start; at < end;) {
        const within = at % pageBytes;
        const length = Math.min(end - at, pageBytes - within);
        pages.push(pageAt(Math.floor(at / pageBytes)).subarray(within, within + length));
        at += length;
      }
      const [only] = pages;
      return pages.length === 1 && only ? only.toString() : Buffer.concat(pages).toString();
    },
  };
}
