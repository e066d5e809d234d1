/** Counts the lines of a text as its bytes come in; null for gzip, whose lines are not seen. */
export function createLineCounter() {
  let lines = 0;
  let first: number | undefined;
  let second: number | undefined;
  let last: number | undefined;
  return {
    count(bytes: Buffer): void {
      for (const byte of bytes.subarray(0, 2)) {
        if (first === undefined) first = byte;
        else second ??= byte;
      }
      for (let at = bytes.indexOf(lineFeed); at >= 0; at = bytes.indexOf(lineFeed, at + 1)) lines += 1;
      last = bytes.at(-1) ?? last;
    },
    total(): number | null {
      if (first === 0x1f && second === 0x8b) return null;
      return last === undefined || last === lineFeed ? lines : lines + 1;
    },
  };
}

const lineFeed = 0x0a;
