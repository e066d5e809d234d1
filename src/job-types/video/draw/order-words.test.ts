import { expect, test } from 'vitest';
import { directionOf, orderWords } from './order-words.ts';

const seen = (text: string) => {
  const words = text.split(' ');
  return orderWords(words, directionOf(text))
    .map((position) => words[position])
    .join(' ');
};

test.each([
  ['plain words in English', 'plain words in English'],
  ['שלום לך עולם', 'עולם לך שלום'],
  ['שלום Google Cloud Run ו 12 עוד', 'עוד 12 ו Google Cloud Run שלום'],
  ['The word שלום עולם means 2 things', 'The word עולם שלום means 2 things'],
  ['12 مرحبا 34 Hello 56 World 78', 'Hello 56 World 78 34 مرحبا 12'],
  ['قرار مع iPhone 15 جديد', 'جديد iPhone 15 مع قرار'],
  ['In שלום 12 there is a number', 'In 12 שלום there is a number'],
  ['🚀 - 100', '🚀 - 100'],
])('the words of %j stand in the order in which a reader of that script finds them', (text, fromLeft) => {
  expect(seen(text)).toBe(fromLeft);
});
