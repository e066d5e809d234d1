import { createCanvas } from '@napi-rs/canvas';
import { createHash } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { chooseFonts } from './choose-fonts.ts';

function draw(text: string, families: string, weight = 400) {
  const canvas = createCanvas(400, 80);
  const context = canvas.getContext('2d');
  context.fillStyle = '#ffffff';
  context.fillRect(0, 0, 400, 80);
  context.fillStyle = '#000000';
  context.font = `${weight} 40px ${families}`;
  context.fillText(text, 10, 55);
  const { data } = context.getImageData(0, 0, 400, 80);
  let ink = 0;
  let colored = 0;
  for (let offset = 0; offset < data.length; offset += 4) {
    const [red = 0, green = 0, blue = 0] = data.subarray(offset, offset + 3);
    ink += (255 - green) / 255;
    if (Math.max(red, green, blue) - Math.min(red, green, blue) > 60) colored += 1;
  }
  return { ink, colored, hash: createHash('sha256').update(data).digest('hex') };
}

const drawIn = (text: string, family = 'Inter', weight = 400) => draw(text, chooseFonts(text, family).families, weight);

describe('The fonts of a text', () => {
  test.each([
    ['Arabic', 'م', 'ع'],
    ['Hebrew', 'ש', 'ע'],
    ['Japanese', 'あ', '漢'],
    ['Chinese', '们', '这'],
    ['Korean', '한', '글'],
    ['Devanagari', 'ह', 'न'],
    ['Thai', 'ก', 'ฐ'],
    ['Cyrillic', 'Ж', 'Щ'],
    ['Greek', 'Ω', 'Ψ'],
    ['Polish', 'ł', 'ż'],
  ])('have the letters of %s, and none of them is the box of a missing one', (_, one, other) => {
    for (const text of [one, other]) expect(chooseFonts(text, 'Inter').warnings).toEqual([]);
    const box = draw('\u{10fffd}', 'sans-serif');
    const drawn = [drawIn(one), drawIn(other)];
    for (const { ink, hash } of drawn) {
      expect(ink).toBeGreaterThan(40);
      expect(hash).not.toBe(box.hash);
    }
    expect(drawn[0]?.hash).not.toBe(drawn[1]?.hash);
  });

  test('join Arabic letters to words', () => {
    const apart = ['م', 'ر', 'ح', 'ب', 'ا'].map((letter) => drawIn(letter).ink).reduce((sum, ink) => sum + ink);
    expect(drawIn('مرحبا').ink).toBeLessThan(apart * 0.95);
  });

  test('draw pictures in color, and digits beside them as digits', () => {
    expect(drawIn('🚀').colored).toBeGreaterThan(200);
    expect(chooseFonts('👍🏽 🏳️‍🌈 🇯🇵', 'Inter').warnings).toEqual([]);
    expect(drawIn('👩‍💻').ink).toBeLessThan(drawIn('👩💻').ink);
    const { families } = chooseFonts('🚀 12', 'Inter');
    expect(draw('12', families).colored).toBe(0);
    expect(draw('12', families).ink).toBeGreaterThan(40);
  });

  test.each(['Inter', 'Lora', 'Montserrat', 'Noto Sans'])('come with %s, in every weight', (family) => {
    expect(chooseFonts('Hamburg', family).warnings).toEqual([]);
    const [light, normal, bold] = [300, 400, 700].map((weight) => drawIn('Hamburg', family, weight).ink);
    expect(light).toBeLessThan((normal ?? 0) * 1.001);
    expect(normal).toBeLessThan((bold ?? 0) * 0.95);
  });

  test('differ between families', () => {
    const hashes = ['Inter', 'Lora', 'Montserrat', 'Noto Sans'].map((family) => drawIn('Hamburg', family).hash);
    expect(new Set(hashes).size).toBe(4);
  });

  test('are those of Inter where the one that is asked for is not here, which is said', () => {
    expect(chooseFonts('Hello', 'Comic Neue Nowhere')).toEqual({
      families: chooseFonts('Hello', 'Inter').families,
      warnings: [
        'The font "Comic Neue Nowhere" is not here, so Inter is used: Inter, Lora, Montserrat, Noto Sans come with Longhaul.',
      ],
    });
  });

  test('that lack a character say so', () => {
    expect(chooseFonts('A\u{12000}', 'Inter').warnings).toEqual([
      'No font that comes with Longhaul has these characters, so those of the machine draw them: \u{12000}',
    ]);
  });
});
