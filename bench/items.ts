/** What every contender gives back: short text, or as much as fills `bytes` of JSON, {"value":"…"} included. */
export function itemValue(index: number, bytes: number): string {
  return `item ${index}`.padEnd(bytes - '{"value":""}'.length, 'x');
}

/** The same items as the lines of a JSONL file. */
export function* itemLines(count: number, bytes: number): Generator<string> {
  for (let first = 0; first < count; first += batchSize) {
    const size = Math.min(batchSize, count - first);
    yield Array.from({ length: size }, (_, offset) => `{"value":"${itemValue(first + offset, bytes)}"}\n`).join('');
  }
}

const batchSize = 1_000;
