import { expect, test } from 'vitest';
import { cutSentence } from './cut-sentence.ts';

const words = (count: number, word = 'word') => Array.from({ length: count }, () => word).join(' ');

test('a sentence that can be spoken at a stretch stays whole', () => {
  expect(cutSentence('One, two, three.')).toEqual(['One, two, three.']);
});

test.each([
  ['behind a phrase', `${words(70)}, ${words(70)}.`, [`${words(70)},`, `${words(70)}.`]],
  [
    'behind a phrase of a language without spaces',
    `${'字'.repeat(300)}，${'字'.repeat(200)}`,
    [`${'字'.repeat(300)}，`, '字'.repeat(200)],
  ],
  ['behind a word', words(100), [words(80), words(20)]],
  ['between letters', 'x'.repeat(900), ['x'.repeat(400), 'x'.repeat(400), 'x'.repeat(100)]],
])('a longer one is cut %s', (_, sentence, parts) => {
  expect(cutSentence(sentence)).toEqual(parts);
});

test('no letter and no picture is cut in two', () => {
  const family = '👩‍👩‍👧‍👦';
  const parts = cutSentence(family.repeat(90));
  expect(parts.join('')).toBe(family.repeat(90));
  expect(parts.every((part) => part.startsWith('👩') && part.endsWith('👦'))).toBe(true);
});
