import { countColumns } from '../script/split-words.ts';
import type { Cue } from './cut-cues.ts';

const columnsOfLine = 42;

/** SubRip, as players and platforms take it. */
export function toSrt(cues: readonly Cue[]): string {
  return cues
    .map(
      ({ startMs, endMs, words }, index) =>
        `${index + 1}\n${toTime(startMs, ',')} --> ${toTime(endMs, ',')}\n${toLines(words).join('\n')}\n`,
    )
    .join('\n');
}

/** WebVTT, as browsers take it. */
export function toVtt(cues: readonly Cue[]): string {
  const escape = (line: string) => line.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
  const texts = cues.map(
    ({ startMs, endMs, words }) =>
      `${toTime(startMs, '.')} --> ${toTime(endMs, '.')}\n${toLines(words).map(escape).join('\n')}\n`,
  );
  return `WEBVTT\n\n${texts.join('\n')}`;
}

function toTime(ms: number, separator: string): string {
  const whole = Math.round(ms);
  const pad = (value: number, digits = 2) => String(Math.floor(value)).padStart(digits, '0');
  return `${pad(whole / 3_600_000)}:${pad((whole / 60_000) % 60)}:${pad((whole / 1_000) % 60)}${separator}${pad(whole % 1_000, 3)}`;
}

/** One line, or two of about one length. */
function toLines(words: Cue['words']): string[] {
  const text = join(words);
  if (countColumns(text) <= columnsOfLine) return [text];
  const halves = words
    .slice(1)
    .map((_, index): [string, string] => [join(words.slice(0, index + 1)), join(words.slice(index + 1))]);
  const longest = ([first, second]: [string, string]) => Math.max(countColumns(first), countColumns(second));
  const [first] = halves;
  if (first === undefined) return [text];
  return halves.reduce((best, half) => (longest(half) < longest(best) ? half : best), first);
}

function join(words: Cue['words']): string {
  return words.map((word, index) => (word.isSpaced && index > 0 ? ` ${word.text}` : word.text)).join('');
}
