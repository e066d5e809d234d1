import { UnreadableSourceError } from './unreadable-source-error.ts';
import { withWholeHead } from './with-whole-head.ts';

/**
 * A text as UTF-8, without its byte order mark. The mark tells how it is encoded, else `encoding` (a label of the WHATWG
 * Encoding Standard), else it is UTF-8. @throws UnreadableSourceError when a byte does not fit, or when the mark says something else than `encoding`
 */
export async function* toUtf8(pieces: AsyncIterable<Buffer>, encoding?: string | null): AsyncGenerator<Buffer> {
  let decoder: ReturnType<typeof createDecoder> | null = null;
  for await (const bytes of withWholeHead(pieces, 3)) {
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
  if (marked === null) return wanted ?? 'utf-8';
  if (wanted && nameOf(marked) !== nameOf(new TextDecoder(wanted).encoding)) {
    throw new UnreadableSourceError(
      `The file begins with the byte order mark of ${nameOf(marked)}, but its encoding is given as ${wanted}. Leave the encoding out.`,
    );
  }
  return marked;
}

/** Without the order of the bytes, which "utf-16" alone leaves to the mark. */
function nameOf(encoding: string): string {
  return encoding.toUpperCase().replace(/^(UTF-16)[BL]E$/, '$1');
}

function createDecoder(encoding: string) {
  const decoder = new TextDecoder(encoding, { fatal: true });
  const isUtf8 = decoder.encoding === 'utf-8';
  let offset = 0;
  const decode = (bytes: Buffer | null): string => {
    try {
      return bytes ? decoder.decode(bytes, { stream: true }) : decoder.decode();
    } catch (error) {
      const advice = isUtf8 ? 'Save it as UTF-8, or say its encoding.' : 'Say another encoding, or save it as UTF-8.';
      throw new UnreadableSourceError(`The file is not ${nameOf(encoding)} (near byte ${offset}). ${advice}`, error);
    }
  };
  return {
    isUtf8,
    push(bytes: Buffer): string {
      const text = decode(bytes);
      offset += bytes.length;
      return text;
    },
    end: () => decode(null),
  };
}
