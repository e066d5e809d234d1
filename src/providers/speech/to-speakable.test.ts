import { expect, test } from 'vitest';
import { chooseLanguage, detectLanguage } from './detect-language.ts';
import { toSpeakable } from './to-speakable.ts';

test.each([
  ['Grow 12 % — now!', 'Grow 12 % — now!'],
  ['**Bold** and `code` #tag', 'Bold and code tag'],
  ['Rocket 🚀 and family 👩‍💻🇩🇪 ❤️ done', 'Rocket and family done'],
  ['See https://example.com/a?b=c now', 'See now'],
  ['Keycap 1️⃣ stays a digit', 'Keycap 1 stays a digit'],
  ['مرحبا 🎉', 'مرحبا'],
  ['🚀🚀 — !', ''],
  ['a\u0000b\u202ec', 'a b c'],
  ['½ of ４２ m²', '1⁄2 of 42 m2'],
])('%j is said as %j', (text, speakable) => {
  expect(toSpeakable(text)).toBe(speakable);
});

test.each([
  ['Hello, world', 'en'],
  ['Größe zählt', 'en'],
  ['مرحبا بالعالم', 'ar'],
  ['שלום עולם', 'he'],
  ['これは漢字です', 'ja'],
  ['这是汉字', 'zh'],
  ['안녕하세요', 'ko'],
  ['Привет', 'ru'],
  ['Γειά', 'el'],
  ['नमस्ते', 'hi'],
  ['สวัสดี', 'th'],
  ['வணக்கம்', 'ta'],
  ['ជំរាបសួរ', 'km'],
  ['Բարեւ', 'hy'],
  ['ᎣᏏᏲ', 'und'],
  ['The word שלום means peace and more', 'en'],
  ['123', 'en'],
])('%j is in %j', (text, language) => {
  expect(detectLanguage(text)).toBe(language);
});

test.each([
  ['Guten Morgen', 'de', 'de'],
  ['Привіт, світе', 'uk', 'uk'],
  ['Привет, мир', 'en', 'ru'],
  ['漢字', 'ja', 'ja'],
  ['سلام دنیا', 'fa', 'fa'],
  ['שלום', 'pt-BR', 'he'],
  ['123', 'fr', 'fr'],
])('%j is spoken, where %j is asked for, in %j', (text, wanted, language) => {
  expect(chooseLanguage(text, wanted)).toBe(language);
});
