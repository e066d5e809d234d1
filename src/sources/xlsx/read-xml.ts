import sax from 'sax';
import { toError } from '../../domain/errors.ts';
import { UnreadableSourceError } from '../unreadable-source-error.ts';

/** Positions are what sax limits its buffers by. Its types do not know strictEntities. */
const options = { strictEntities: true, position: true };

/** Told the elements of a document in their order, by their names without prefix. A long text comes in several pieces. */
export interface XmlHandlers {
  open?(name: string, attributes: Readonly<Record<string, string>>): void;
  text?(text: string): void;
  close?(name: string): void;
}

/**
 * Reads an XML document in a stream, and yields after each piece of it. Entities beyond XML's own five do not exist, and a
 * document type definition, which could declare some, is refused. @throws UnreadableSourceError
 */
export async function* readXml(
  pieces: AsyncIterable<Buffer>,
  part: string,
  { open, text, close }: XmlHandlers,
): AsyncGenerator<void> {
  const parser = sax.parser(true, options);
  parser.onerror = (error) => {
    throw error;
  };
  parser.ondoctype = () => {
    throw new UnreadableSourceError(`${part} has a document type definition, which no workbook needs.`);
  };
  parser.onopentag = ({ name, attributes }) => open?.(localName(name), toAttributes(attributes));
  parser.onclosetag = (name) => close?.(localName(name));
  parser.ontext = (found) => text?.(found);
  parser.oncdata = (found) => text?.(found);

  const decoder = new TextDecoder('utf-8', { fatal: true });
  const feed = (bytes: Buffer | null) => {
    try {
      if (bytes) parser.write(decoder.decode(bytes, { stream: true }));
      else parser.write(decoder.decode()).close();
    } catch (thrown) {
      const error = toError(thrown);
      if (error instanceof UnreadableSourceError) throw error;
      throw new UnreadableSourceError(`${part} is not XML: ${error.message.split('\n')[0]?.slice(0, 200)}`, error);
    }
  };
  for await (const bytes of pieces) {
    feed(bytes);
    yield;
  }
  feed(null);
  yield;
}

/** Reads a document to its end. @throws UnreadableSourceError */
export async function readWholeXml(pieces: AsyncIterable<Buffer>, part: string, handlers: XmlHandlers): Promise<void> {
  for await (const _ of readXml(pieces, part, handlers));
}

function localName(name: string): string {
  const colon = name.indexOf(':');
  return colon < 0 ? name : name.slice(colon + 1);
}

/** Without namespaces every value is text. */
function toAttributes(attributes: sax.Tag['attributes'] | sax.QualifiedTag['attributes']): Record<string, string> {
  return attributes as Record<string, string>;
}
