import { expect, test } from 'vitest';
import { countColumns, splitWords } from './split-words.ts';

const joined = (text: string) =>
  splitWords(text)
    .map((word) => (word.isSpaced ? `_${word.text}` : word.text))
    .join('|');

test.each([
  ['One,  two\nthree.', 'One,|_two|_three.'],
  ['東京タワーへ行きます。「はい」。', '東京タワー|へ|行き|ます。|「はい」。'],
  ['人々は公園に集まって', '人々|は|公園|に|集|まって'],
  ['日本語 and English', '日本語|_and|_English'],
  ['ו-Google Cloud', 'ו-|Google|_Cloud'],
  ['don’t stop — 100 %', 'don’t|_stop\u00a0—|_100|_%'],
  ['Bonjour ! Ça va\u202f?', 'Bonjour\u00a0!|_Ça|_va\u202f?'],
  ['', ''],
])('a line may end between the words of %j', (text, words) => {
  expect(joined(text)).toBe(words);
});

test('no word begins with what closes a phrase or ends with what opens one', () => {
  const text = '「それ」は、（本当に）いいですね！？『はい』と言った。';
  for (const { text: word } of splitWords(text)) {
    expect(word).not.toMatch(/^[、。！？」）』]/u);
    expect(word).not.toMatch(/[「（『]$/u);
  }
  expect(
    splitWords(text)
      .map((word) => word.text)
      .join(''),
  ).toBe(text);
});

test('wide characters and pictures take two columns, however many code points they are', () => {
  expect(countColumns('abc é')).toBe(5);
  expect(countColumns('日本')).toBe(4);
  expect(countColumns('👩‍💻🇩🇪')).toBe(4);
});
