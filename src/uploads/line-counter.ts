import { fileKindOf, magicBytes } from '../sources/file-kind.ts';

/** Counts the lines of a text as its bytes come in; null for what is packed or no text, whose lines are not seen. */
export function createLineCounter() {
  let lines = 0;
  let head = Buffer.alloc(0);
  let last: number | undefined;
  return {
    count(bytes: Buffer): void {
      if (head.length < magicBytes) head = Buffer.concat([head, bytes.subarray(0, magicBytes - head.length)]);
      for (let at = bytes.indexOf(lineFeed); at >= 0; at = bytes.indexOf(lineFeed, at + 1)) lines += 1;
      last = bytes.at(-1) ?? last;
    },
    total(): number | null {
      if (fileKindOf(head) !== 'TEXT') return null;
      return last === undefined || last === lineFeed ? lines : lines + 1;
    },
  };
}

const lineFeed = 0x0a;
