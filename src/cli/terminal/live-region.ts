import { stripVTControlCharacters } from 'node:util';

/** The last lines of a terminal, drawn again and again in place. Only for a TTY. */
export interface LiveRegion {
  draw(lines: string[]): void;
  /** Leaves what is drawn and goes on below it. */
  end(): void;
}

/** Nothing is drawn yet. The cursor comes back with the end of the process. */
export function createLiveRegion(output: NodeJS.WriteStream): LiveRegion {
  let drawn = 0;
  const hideCursor = '\x1b[?25l';
  const showCursor = '\x1b[?25h';
  const clearBelow = '\x1b[0J';
  const restore = (): void => void output.write(showCursor);
  process.once('exit', restore);
  return {
    draw: (lines) => {
      const up = drawn === 0 ? '' : `\x1b[${drawn}A\r`;
      output.write(`${hideCursor}${up}${clearBelow}${lines.map((line) => fit(line, output.columns)).join('\n')}\n`);
      drawn = lines.length;
    },
    end: () => {
      drawn = 0;
      process.off('exit', restore);
      restore();
    },
  };
}

/** A line that wraps would be counted as one and leave a trail: what is too long loses its colours and its end. */
function fit(line: string, columns: number): string {
  const plain = stripVTControlCharacters(line);
  return plain.length < columns ? line : plain.slice(0, Math.max(0, columns - 1));
}
