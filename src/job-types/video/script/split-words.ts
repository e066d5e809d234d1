/** A piece of text between whose neighbors a line may end. */
export interface Word {
  text: string;
  /** Whether a space stands before it. */
  isSpaced: boolean;
}

const unspaced =
  /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Thai}\p{Script=Lao}\p{Script=Khmer}\p{Script=Myanmar}]/u;
const opens = /^[\p{Ps}\p{Pi}]+$/u;
/** Small letters, the long mark and the mark of repetition go on with what is before them. */
const goesOn = /^[ぁぃぅぇぉっゃゅょゎァィゥェォッャュョヮー々]/u;
const closes = /^(?:[\p{P}\p{M}\u30fc々]|\uff5e)+$/u;
const segmenter = new Intl.Segmenter(undefined, { granularity: 'word' });

/** The words of a text in their order; of scripts without spaces, those that a dictionary finds. */
export function splitWords(text: string): Word[] {
  return splitAtSpaces(text)
    .flatMap((part) => splitPart(part).map((word, position): Word => ({ text: word, isSpaced: position === 0 })))
    .map((word, position) => (position === 0 ? { ...word, isSpaced: false } : word));
}

/** No line begins with a dash, or with a mark that French and others set apart from its word. */
const clings = /^(?:[–—…»!?:;]+|\.{3})$/u;

function splitAtSpaces(text: string): string[] {
  const parts: string[] = [];
  for (const part of text.split(/[^\S\u00a0\u202f]+/u)) {
    const last = parts.length - 1;
    if (last >= 0 && clings.test(part)) parts[last] += `\u00a0${part}`;
    else if (part !== '') parts.push(part);
  }
  return parts;
}

/** Where a word goes on in the other direction, as a Hebrew prefix before a Latin name does. */
const turn = (() => {
  const rightToLeft = '[\\p{Script=Hebrew}\\p{Script=Arabic}]';
  const other = `(?!${rightToLeft})\\p{L}`;
  return new RegExp(`(?<=${rightToLeft}\\P{L}*)(?=${other})|(?<=${other}\\P{L}*)(?=${rightToLeft})`, 'u');
})();

function splitPart(part: string): string[] {
  if (!unspaced.test(part)) return part.split(turn);
  const words: string[] = [];
  let isOpen = false;
  for (const { segment } of segmenter.segment(part)) {
    const last = words.length - 1;
    // No line begins with what closes, or ends with what opens.
    if (last >= 0 && (isOpen || goesOn.test(segment) || (closes.test(segment) && !opens.test(segment))))
      words[last] += segment;
    else words.push(segment);
    isOpen = opens.test(segment);
  }
  return words;
}

/** How many columns a text takes where a Latin letter takes one. */
export function countColumns(text: string): number {
  let columns = 0;
  for (const { segment } of graphemes.segment(text)) columns += wide.test(segment) ? 2 : 1;
  return columns;
}

const graphemes = new Intl.Segmenter(undefined, { granularity: 'grapheme' });
const wide =
  /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Hangul}\p{Emoji_Presentation}\uff01-\uff60]/u;
