import { createCanvas } from '@napi-rs/canvas';
import { fc, test as property } from '@fast-check/vitest';
import { describe, expect, test } from 'vitest';
import { chooseFonts } from './choose-fonts.ts';
import { layOutText, moveText, type Area } from './lay-out-text.ts';

const context = createCanvas(1, 1).getContext('2d');
const area: Area = { x: 40, y: 20, width: 400, height: 160 };
const layOut = (text: string, align: 'start' | 'center' = 'start', place = area) =>
  layOutText(context, text, place, {
    families: chooseFonts(text, 'Inter').families,
    weight: 700,
    size: 40,
    lineHeight: 1.25,
    align,
  });

describe('A text that is laid out', () => {
  property.prop(
    [
      fc.array(
        fc.constantFrom('a', 'Longhaul', 'Donaudampfschifffahrtsgesellschaft', '日本語の文章', 'مرحبا', '🚀', '12,5'),
        {
          minLength: 1,
          maxLength: 120,
        },
      ),
      fc.integer({ min: 60, max: 600 }),
    ],
    { numRuns: 25 },
  )('is never cut and never leaves its area, whatever its length', (words, width) => {
    const text = words.join(' ');
    const layout = layOut(text, 'start', { ...area, width });
    const read = [...layout.words].sort((a, b) => a.index - b.index);
    expect(
      read
        .map((word) => word.text)
        .join('')
        .replace(/\s/g, ''),
    ).toHaveLength(text.replace(/\s/g, '').length);
    for (const word of layout.words) {
      expect(word.x).toBeGreaterThanOrEqual(area.x - 0.01);
      expect(word.x + word.width).toBeLessThanOrEqual(area.x + width + 0.01);
      expect(word.y).toBeLessThanOrEqual(area.y + area.height);
    }
    expect(layout.area.height).toBeLessThanOrEqual(area.height);
  });

  test('keeps its size where it fits, and shrinks where it does not', () => {
    expect(layOut('Short').size).toBe(40);
    expect(layOut('Long words for a small area '.repeat(6)).size).toBeLessThan(40);
  });

  test('is drawn smaller where one of its words would have to be cut, unless that would be too small', () => {
    const words = (text: string) => layOut(text, 'start', { ...area, width: 240 }).words.map((word) => word.text);
    expect(words('For responsibilities')).toEqual(['For', 'responsibilities']);
    expect(words('Donaudampfschifffahrtsgesellschaft').length).toBeGreaterThan(1);
  });

  test('has lines of about one length rather than a single last word', () => {
    const lines = Map.groupBy(
      layOut('Growth of revenue this quarter was good', 'start', { ...area, width: 700 }).words,
      (word) => word.y,
    );
    const widths = [...lines.values()].map((words) => words.reduce((sum, word) => sum + word.width, 0));
    expect(lines.size).toBe(2);
    expect(Math.min(...widths) / Math.max(...widths)).toBeGreaterThan(0.6);
  });

  test('begins at the left, at the right in Hebrew, and has equal margins in the middle', () => {
    expect(Math.min(...layOut('Hello').words.map((word) => word.x))).toBe(area.x);
    const hebrew = layOut('שלום עולם').words;
    expect(Math.max(...hebrew.map((word) => word.x + word.width))).toBeCloseTo(area.x + area.width);
    expect(hebrew.find((word) => word.index === 0)?.x).toBeGreaterThan(hebrew.find((word) => word.index === 1)?.x ?? 0);
    const { x, width } = layOut('Hello', 'center').area;
    expect(x - area.x).toBeCloseTo(area.x + area.width - x - width);
  });

  test('moves as a whole', () => {
    const layout = layOut('Two words');
    const moved = moveText(layout, 10, -5);
    expect(moved.area).toEqual({ ...layout.area, x: layout.area.x + 10, y: layout.area.y - 5 });
    expect(moved.words.map((word) => [word.x, word.y])).toEqual(layout.words.map((word) => [word.x + 10, word.y - 5]));
  });
});
