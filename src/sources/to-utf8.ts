import { UnreadableSourceError } from './unreadable-source-error.ts';
import { withWholeHead } from './with-whole-head.ts';

/**
 * A text as UTF-8, without its byte order mark. The mark tells how it is encoded, else `encoding` (a label of the WHATWG
 * Encoding Standard), else it is UTF-8. @throws UnreadableSourceError when a byte does not fit, or when the mark says something else than `encoding`
 */
export async function* toUtf8(pieces: AsyncIterable<Buffer>, encoding?: string | null): AsyncGenerator<Buffer> {
  let decoder: ReturnType<typeof createDecoder> | null = null;
  for await (const bytes of withWholeHead(pieces, 4)) {
    const isFirst = decoder === null;
    decoder ??= createDecoder(chooseEncoding(bytes, encoding));
    const text = decoder.push(bytes);
    if (!decoder.isUtf8) yield Buffer.from(text);
    else yield isFirst && markedEncoding(bytes) ? bytes.subarray(3) : bytes;
  }
  decoder?.end();
}

/** WHATWG Encoding Standard, 6: BOM sniff. */
function markedEncoding(head: Buffer): string | null {
  const [first, second, third] = head;
  if (first === 0xef && second === 0xbb && third === 0xbf) return 'utf-8';
  if (first === 0xff && second === 0xfe) return 'utf-16le';
  if (first === 0xfe && second === 0xff) return 'utf-16be';
  return null;
}

function chooseEncoding(head: Buffer, wanted: string | null | undefined): string {
  const marked = markedEncoding(head);
  if (marked === null) {
    if (!wanted) assertNoUtf16(head);
    return wanted ?? 'utf-8';
  }
  if (wanted && nameOf(marked) !== nameOf(new TextDecoder(wanted).encoding)) {
    throw new UnreadableSourceError(
      `The file begins with the byte order mark of ${nameOf(marked)}, but its encoding is given as ${wanted}. Leave the encoding out.`,
    );
  }
  return marked;
}

/** The first characters of a table or of JSON are ASCII: in UTF-16 every second byte of them is zero. */
function assertNoUtf16([first, second, third, fourth]: Buffer): void {
  const isLittle = first !== 0 && second === 0 && third !== 0 && fourth === 0;
  const isBig = first === 0 && second !== 0 && third === 0 && fourth !== 0;
  if (!isLittle && !isBig) return;
  throw new UnreadableSourceError(
    `The file looks like UTF-16 without a byte order mark. Say its encoding as ${isLittle ? 'utf-16le' : 'utf-16be'}, or save it as UTF-8.`,
  );
}

/** Without the order of the bytes, which "utf-16" alone leaves to the mark. */
function nameOf(encoding: string): string {
  return encoding.toUpperCase().replace(/^(UTF-16)[BL]E$/, '$1');
}

function createDecoder(encoding: string) {
  const decoder = new TextDecoder(encoding, { fatal: true });
  const isUtf8 = decoder.encoding === 'utf-8';
  let offset = 0;
  /** The beginning of a character whose rest is still to come. */
  let open: Buffer = Buffer.alloc(0);
  const decode = (bytes: Buffer | null): string => {
    try {
      return bytes ? decoder.decode(bytes, { stream: true }) : decoder.decode();
    } catch (error) {
      const misfit = offset - open.length + findMisfit(Buffer.concat([open, bytes ?? Buffer.alloc(0)]));
      const place = isUtf8 ? `at byte ${misfit + 1}` : `near byte ${offset}`;
      const advice = isUtf8 ? 'Save it as UTF-8, or say its encoding.' : 'Say another encoding, or save it as UTF-8.';
      throw new UnreadableSourceError(`The file is not ${nameOf(encoding)} (${place}). ${advice}`, error);
    }
  };
  return {
    isUtf8,
    push(bytes: Buffer): string {
      const text = decode(bytes);
      offset += bytes.length;
      open = openCharacter(Buffer.concat([open, bytes.subarray(-3)]));
      return text;
    },
    end: () => decode(null),
  };
}

/** The last bytes of valid UTF-8, where they are only a part of a character (RFC 3629, 3). */
function openCharacter(end: Buffer): Buffer {
  for (let length = 1; length <= Math.min(3, end.length); length += 1) {
    const byte = end[end.length - length] ?? 0;
    if (byte >= 0x80 && byte < 0xc0) continue;
    const needed = byte < 0xc0 ? 1 : byte < 0xe0 ? 2 : byte < 0xf0 ? 3 : 4;
    return needed > length ? Buffer.from(end.subarray(-length)) : Buffer.alloc(0);
  }
  return Buffer.alloc(0);
}

/** How many bytes stand before the first character that is not UTF-8. */
function findMisfit(bytes: Buffer): number {
  let [good, bad] = [0, bytes.length];
  while (good < bad) {
    const middle = Math.ceil((good + bad) / 2);
    if (isUtf8Start(bytes.subarray(0, middle))) good = middle;
    else bad = middle - 1;
  }
  return good - openCharacter(bytes.subarray(0, good)).length;
}

function isUtf8Start(bytes: Buffer): boolean {
  try {
    new TextDecoder('utf-8', { fatal: true }).decode(bytes, { stream: true });
    return true;
  } catch {
    return false;
  }
}
