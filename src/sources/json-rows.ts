import { Tokenizer, TokenType } from '@streamparser/json';
import { toError } from '../domain/errors.ts';
import { parseExactJson } from './parse-exact-json.ts';
import { maxRowBytes, unreadableRow, type SourceRow } from './source-row.ts';
import { UnreadableSourceError } from './unreadable-source-error.ts';

/** Rows of a JSON file that is one array, a batch for each piece of the file. No more than a row is held. */
export async function* readJsonRows(pieces: AsyncIterable<Buffer>): AsyncGenerator<SourceRow[]> {
  const splitter = createElementSplitter();
  let row = 0;
  for await (const bytes of pieces) {
    const rows = splitter.push(bytes).map((text) => readElement((row += 1), text));
    if (rows.length > 0) yield rows;
  }
  splitter.end();
}

function readElement(row: number, text: string): SourceRow {
  try {
    return { row, raw: parseExactJson(text) };
  } catch (thrown) {
    return unreadableRow(row, `is not JSON: ${toError(thrown).message.slice(0, 200)}`, text.trim().slice(0, 200));
  }
}

/**
 * Cuts a JSON array into the texts of its elements. The tokenizer tells where they end; parsing them is left to the caller,
 * who keeps all digits of their numbers.
 */
function createElementSplitter() {
  const tokenizer = new Tokenizer();
  let place: 'BEFORE' | 'WITHIN' | 'BEHIND' = 'BEFORE';
  let depth = 0;
  /** What has not been cut off yet, and where in the file it begins. */
  let rest = Buffer.alloc(0);
  let restOffset = 0;
  let elements: string[] = [];
  let count = 0;

  const takeUntil = (offset: number): string => {
    const text = rest.subarray(0, offset - restOffset).toString();
    rest = rest.subarray(offset + 1 - restOffset);
    restOffset = offset + 1;
    return text;
  };

  tokenizer.onToken = ({ token, offset }) => {
    if (place === 'BEHIND') throw new UnreadableSourceError('Something follows the end of the JSON array.');
    depth += depthChange(token);
    if (place === 'BEFORE') {
      if (token !== TokenType.LEFT_BRACKET) throw notAnArray();
      place = 'WITHIN';
      takeUntil(offset);
    } else if (depth === 0 || (depth === 1 && token === TokenType.COMMA)) {
      const text = takeUntil(offset);
      if (depth === 0) place = 'BEHIND';
      if (depth === 0 && count === 0 && text.trim() === '') return;
      elements.push(text);
      count += 1;
    }
  };

  return {
    push(bytes: Buffer): string[] {
      rest = Buffer.concat([rest, bytes]);
      try {
        tokenizer.write(bytes);
      } catch (thrown) {
        throw toUnreadable(toError(thrown), count + 1);
      }
      if (rest.length > maxRowBytes) {
        throw new UnreadableSourceError(`Row ${count + 1} is longer than ${maxRowBytes} bytes.`);
      }
      const found = elements;
      elements = [];
      return found;
    },
    end(): void {
      if (place === 'BEFORE') throw notAnArray();
      if (place === 'WITHIN')
        throw new UnreadableSourceError(`The JSON array ends within row ${count + 1}. Was the file sent whole?`);
    },
  };
}

function depthChange(token: TokenType): number {
  if (token === TokenType.LEFT_BRACKET || token === TokenType.LEFT_BRACE) return 1;
  return token === TokenType.RIGHT_BRACKET || token === TokenType.RIGHT_BRACE ? -1 : 0;
}

function toUnreadable(error: Error, row: number): UnreadableSourceError {
  if (error instanceof UnreadableSourceError) return error;
  return new UnreadableSourceError(`The file stops being JSON in row ${row}: ${error.message}`, error);
}

function notAnArray(): UnreadableSourceError {
  return new UnreadableSourceError(
    'The file must be one JSON array, [{…}, {…}]. With one JSON object on each line its format is JSONL.',
  );
}
