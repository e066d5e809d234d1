import { toError } from '../domain/errors.ts';
import { parseExactJson } from './parse-exact-json.ts';
import { maxRowBytes, unreadableRow, type SourceRow } from './source-row.ts';
import { UnreadableSourceError } from './unreadable-source-error.ts';

/** Rows of a JSONL file, a batch for each piece of the file. Empty lines are no rows. */
export async function* readJsonlRows(pieces: AsyncIterable<Buffer>): AsyncGenerator<SourceRow[]> {
  let row = 0;
  const toRows = (lines: SourceLine[]) => {
    const rows: SourceRow[] = [];
    for (const line of lines) {
      if (line.text !== null && line.text.trim() === '') continue;
      row += 1;
      rows.push(readLine(row, line));
    }
    return rows;
  };
  const splitter = createLineSplitter();
  for await (const bytes of pieces) {
    const rows = toRows(splitter.push(bytes));
    if (rows.length > 0) yield rows;
  }
  yield toRows(splitter.end());
}

/** `text` is null when the line is too long to be held. */
interface SourceLine {
  text: string | null;
  start: string;
}

function readLine(row: number, { text, start }: SourceLine): SourceRow {
  if (text === null) return unreadableRow(row, `is longer than ${maxRowBytes} bytes`, start);
  try {
    const raw = parseExactJson(text);
    if (row === 1 && Array.isArray(raw)) throw wholeArray();
    return { row, raw };
  } catch (thrown) {
    const error = toError(thrown);
    if (error instanceof UnreadableSourceError) throw error;
    if (row === 1 && text.trim() === '[') throw wholeArray();
    return unreadableRow(row, `is not JSON: ${error.message.slice(0, 200)}`, start);
  }
}

function wholeArray(): UnreadableSourceError {
  return new UnreadableSourceError(
    'The file is a JSON array; JSONL has one JSON object on each line, without brackets and commas around them.',
  );
}

/** Cuts UTF-8 text at its line feeds, and lets go of a line once it is too long. */
function createLineSplitter() {
  const decoder = new TextDecoder('utf-8');
  let rest = '';
  let overflow: string | null = null;
  const close = (text: string): SourceLine => {
    const whole = overflow ?? rest + text;
    const line = { text: overflow === null && whole.length <= maxRowBytes ? whole : null, start: whole.slice(0, 200) };
    rest = '';
    overflow = null;
    return line;
  };
  return {
    push(bytes: Buffer): SourceLine[] {
      const parts = decoder.decode(bytes, { stream: true }).split('\n');
      const open = parts.pop() ?? '';
      const lines = parts.map(close);
      if (overflow === null) rest += open;
      if (rest.length > maxRowBytes) {
        overflow = rest.slice(0, 200);
        rest = '';
      }
      return lines;
    },
    end(): SourceLine[] {
      return rest === '' && overflow === null ? [] : [close('')];
    },
  };
}
