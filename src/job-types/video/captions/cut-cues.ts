import type { TimedSentence } from '../script/plan-timeline.ts';
import { countColumns, splitWords, type Word } from '../script/split-words.ts';

export interface TimedWord extends Word {
  startMs: number;
  endMs: number;
}

/** What is read at one time: a sentence, or a part of a long one. */
export interface Cue {
  startMs: number;
  endMs: number;
  words: TimedWord[];
}

/** Two lines of 42, as subtitles have. */
const mostColumns = 84;
const phraseEnd = /[,;:–—，、；：]$/u;

/** The sentences as cues, whose words share the time of their sentence by their length. */
export function cutCues(sentences: readonly TimedSentence[]): Cue[] {
  return sentences.flatMap((sentence) => groupWords(timeWords(sentence)).map(toCue));
}

function timeWords({ text, startMs, endMs }: TimedSentence): TimedWord[] {
  const words = splitWords(text);
  const weights = words.map((word) => weigh(word.text));
  const total = weights.reduce((sum, weight) => sum + weight, 0);
  let spent = 0;
  return words.map((word, index) => {
    const start = startMs + ((endMs - startMs) * spent) / total;
    spent += weights[index] ?? 0;
    return { ...word, startMs: start, endMs: startMs + ((endMs - startMs) * spent) / total };
  });
}

/** Letters take time, digits more, and a mark that ends a phrase is a pause. */
function weigh(word: string): number {
  const digits = word.match(/\p{N}/gu)?.length ?? 0;
  const pause = phraseEnd.test(word) ? 3 : 0;
  return 1 + countColumns(word) + 2 * digits + pause;
}

/** Parts of about one length, so that no word is left alone, which end with a phrase where one ends near. */
function groupWords(words: TimedWord[]): TimedWord[][] {
  const columns = words.map((word) => countColumns(word.text) + (word.isSpaced ? 1 : 0));
  const total = columns.reduce((sum, count) => sum + count, 0);
  if (total <= mostColumns || words.length === 1) return words.length === 0 ? [] : [words];
  // A little room, so that a part can end with its phrase.
  const ideal = total / Math.ceil(total / (mostColumns * 0.9));
  let filled = 0;
  let best = { end: 1, distance: Infinity };
  for (const [index, word] of words.slice(0, -1).entries()) {
    filled += columns[index] ?? 0;
    if (filled > mostColumns) break;
    const distance = Math.abs(filled - ideal) - (phraseEnd.test(word.text) ? ideal * 0.25 : 0);
    if (distance < best.distance) best = { end: index + 1, distance };
  }
  return [words.slice(0, best.end), ...groupWords(words.slice(best.end))];
}

function toCue(words: TimedWord[]): Cue {
  const [first] = words;
  return { startMs: first?.startMs ?? 0, endMs: words.at(-1)?.endMs ?? 0, words };
}
