import type { SKRSContext2D } from '@napi-rs/canvas';
import { splitWords, type Word } from '../script/split-words.ts';
import { toDrawable } from './drawable-text.ts';
import { directionOf, letterDirection, orderWords, type Direction } from './order-words.ts';

export type Align = 'start' | 'center';

export interface TextStyle {
  families: string;
  weight: number;
  /** Largest size in pixels; it shrinks until the text fits. */
  size: number;
  /** Distance of lines as a factor of the size. */
  lineHeight: number;
  align: Align;
}

export interface Area {
  x: number;
  y: number;
  width: number;
  height: number;
}

export interface PlacedWord {
  text: string;
  /** Position in the words that came. */
  index: number;
  x: number;
  /** Of the baseline. */
  y: number;
  width: number;
}

export interface TextLayout {
  words: PlacedWord[];
  direction: Direction;
  size: number;
  font: string;
  /** What the text covers. */
  area: Area;
}

interface Line {
  words: { text: string; index: number; width: number; gap: number }[];
  width: number;
}

export function layOutText(context: SKRSContext2D, text: string, area: Area, style: TextStyle): TextLayout {
  return layOutWords(context, splitWords(text), area, style);
}

/** Places words in `area`, from its top, as large as `style.size` allows. Whatever the length, nothing is left out. */
export function layOutWords(context: SKRSContext2D, given: readonly Word[], area: Area, style: TextStyle): TextLayout {
  const words = given.map((word) => ({ ...word, text: toDrawable(word.text) }));
  let size = sizeForWords(context, words, area.width, style);
  let lines = breakLines(context, words, area.width, size, style);
  while (lines.length * size * style.lineHeight > area.height && size > 1) {
    size *= 0.94;
    lines = breakLines(context, words, area.width, size, style);
  }
  lines = balance(context, words, area.width, lines, size, style);
  const direction = directionOf(words.map((word) => word.text).join(' '));
  const pitch = size * style.lineHeight;
  // The baseline of a line that is `pitch` high, with as much room above as below.
  const placed = lines.flatMap((line, row) =>
    placeLine(line, area, area.y + pitch * row + pitch / 2 + size * 0.35, direction, style.align),
  );
  const width = Math.max(0, ...lines.map((line) => line.width));
  const left = Math.min(area.x + area.width, ...placed.map((word) => word.x));
  return {
    words: placed,
    direction,
    size,
    font: toFont(style, size),
    area: { x: left, y: area.y, width, height: lines.length * pitch },
  };
}

/** The same text elsewhere. */
export function moveText(layout: TextLayout, dx: number, dy: number): TextLayout {
  const area = { ...layout.area, x: layout.area.x + dx, y: layout.area.y + dy };
  return { ...layout, area, words: layout.words.map((word) => ({ ...word, x: word.x + dx, y: word.y + dy })) };
}

function toFont({ weight, families }: TextStyle, size: number): string {
  return `${weight} ${size.toFixed(2)}px ${families}`;
}

/** Smallest share of its size at which a word that is too long for a line still looks better whole than cut. */
const leastWhole = 0.55;

/** The size at which the longest word has room in a line; the usual one where that would be too small. */
function sizeForWords(context: SKRSContext2D, words: readonly Word[], width: number, style: TextStyle): number {
  context.font = toFont(style, style.size);
  const widest = Math.max(0, ...words.map(({ text }) => context.measureText(text).width));
  const share = width / widest;
  // Glyphs do not shrink quite evenly.
  return share < 1 && share >= leastWhole ? style.size * share * 0.99 : style.size;
}

function breakLines(
  context: SKRSContext2D,
  words: readonly Word[],
  width: number,
  size: number,
  style: TextStyle,
): Line[] {
  context.font = toFont(style, size);
  const measure = (text: string) => context.measureText(text).width;
  const space = measure(' ');
  const lines: Line[] = [];
  let line: Line = { words: [], width: 0 };
  const add = (text: string, index: number, isSpaced: boolean) => {
    const wordWidth = measure(text);
    const gap = line.words.length > 0 && isSpaced ? space : 0;
    if (line.words.length > 0 && line.width + gap + wordWidth > width) {
      lines.push(line);
      line = { words: [{ text, index, width: wordWidth, gap: 0 }], width: wordWidth };
    } else {
      line.words.push({ text, index, width: wordWidth, gap });
      line.width += gap + wordWidth;
    }
  };
  for (const [index, word] of words.entries()) {
    const parts = measure(word.text) <= width ? [word.text] : cutWord(word.text, width, measure);
    for (const [position, part] of parts.entries()) add(part, index, position === 0 && word.isSpaced);
  }
  return line.words.length === 0 ? lines : [...lines, line];
}

const graphemes = new Intl.Segmenter(undefined, { granularity: 'grapheme' });

/** A word that is wider than a line goes on in the next. */
function cutWord(word: string, width: number, measure: (text: string) => number): string[] {
  const parts: string[] = [];
  let part = '';
  for (const { segment } of graphemes.segment(word)) {
    if (part !== '' && measure(part + segment) > width) {
      parts.push(part);
      part = '';
    }
    part += segment;
  }
  return [...parts, part];
}

/** The narrowest lines that are no more: no single word in the last one. */
function balance(
  context: SKRSContext2D,
  words: readonly Word[],
  width: number,
  lines: Line[],
  size: number,
  style: TextStyle,
): Line[] {
  if (lines.length < 2) return lines;
  let best = lines;
  let [narrow, wide] = [width / 2, width];
  for (let step = 0; step < 6; step += 1) {
    const tried = (narrow + wide) / 2;
    const broken = breakLines(context, words, tried, size, style);
    // A word is only cut where it must be.
    const isWhole = count(broken) === count(lines);
    if (broken.length <= lines.length && isWhole) [best, wide] = [broken, tried];
    else narrow = tried;
  }
  return best;
}

const count = (lines: readonly Line[]) => lines.reduce((sum, line) => sum + line.words.length, 0);

function placeLine(line: Line, area: Area, y: number, direction: Direction, align: Align): PlacedWord[] {
  const free = area.width - line.width;
  let x = area.x + (align === 'center' ? free / 2 : direction === 'rtl' ? free : 0);
  const order = orderWords(
    line.words.map((word) => word.text),
    direction,
  );
  return order.flatMap((position, place) => {
    const word = line.words[position];
    if (word === undefined) return [];
    // Between two words lies the gap of the one that is read later.
    const before = line.words[order[place - 1] ?? position];
    const gap = place === 0 ? 0 : position > (order[place - 1] ?? 0) ? word.gap : (before?.gap ?? 0);
    x += gap;
    const placed: PlacedWord = { text: word.text, index: word.index, x, y, width: word.width };
    x += word.width;
    return [placed];
  });
}

/** Draws the words, each in the color that `colorOf` gives for its position. */
export function drawText(context: SKRSContext2D, layout: TextLayout, colorOf: (index: number) => string): void {
  context.font = layout.font;
  context.textAlign = 'left';
  context.textBaseline = 'alphabetic';
  for (const word of layout.words) {
    context.fillStyle = colorOf(word.index);
    context.direction = letterDirection(word.text) ?? layout.direction;
    context.fillText(word.text, word.x, word.y);
  }
}
