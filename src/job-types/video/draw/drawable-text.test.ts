import { expect, test } from 'vitest';
import { toDrawable } from './drawable-text.ts';

test.each([
  ['Step 1️⃣ of 3', 'Step 1 of 3', 'a digit in a box'],
  ['🧘🏽‍♀️ and 🏃‍♂️', '🧘🏽 and 🏃', 'a picture with a sign beside it'],
  ['👩🏽‍⚕️', '👩🏽', 'a profession with a sign'],
  ['👩‍💻 👨‍👩‍👧‍👦 ❤️ 🇯🇵', '👩‍💻 👨‍👩‍👧‍👦 ❤️ 🇯🇵', 'what the font joins'],
])('%s is drawn as %s: %s', (text, drawn) => {
  expect(toDrawable(text)).toBe(drawn);
});
