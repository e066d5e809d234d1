/** The same bytes, of which the first piece holds at least `count`, or all that there are. */
export async function* withWholeHead(pieces: AsyncIterable<Buffer>, count: number): AsyncGenerator<Buffer> {
  let head: Buffer | null = Buffer.alloc(0);
  for await (const bytes of pieces) {
    if (head === null) {
      yield bytes;
      continue;
    }
    head = Buffer.concat([head, bytes]);
    if (head.length < count) continue;
    yield head;
    head = null;
  }
  if (head !== null && head.length > 0) yield head;
}
