import { fc, test as property } from '@fast-check/vitest';
import { describe, expect, test } from 'vitest';
import { contrast, isDark, mix, parseColor, readableOn, toHex, withAlpha } from './color.ts';

describe('A color', () => {
  test('is read, written and mixed', () => {
    expect(parseColor('#0B1F3A')).toEqual([11, 31, 58]);
    expect(toHex([11, 31, 58])).toBe('#0b1f3a');
    expect(mix('#000000', '#ffffff', 0.5)).toBe('#808080');
    expect(withAlpha('#ff6b35', 0.5)).toBe('rgba(255, 107, 53, 0.5)');
  });

  test('has the contrast that WCAG gives it', () => {
    expect(contrast('#000000', '#ffffff')).toBeCloseTo(21);
    expect(contrast('#777777', '#ffffff')).toBeCloseTo(4.48, 2);
    expect(contrast('#123456', '#123456')).toBe(1);
    expect([isDark('#0B1F3A'), isDark('#FFE9A0')]).toEqual([true, false]);
  });

  test('that can be read stays as it is', () => {
    expect(readableOn('#FF6B35', '#0B1F3A', 3)).toBe('#FF6B35');
  });

  const color = fc.integer({ min: 0, max: 0xffffff }).map((value) => `#${value.toString(16).padStart(6, '0')}`);
  property.prop([color, color])('can be read on any other once it was made readable', (text, background) => {
    expect(contrast(readableOn(text, background, 4.5), background)).toBeGreaterThanOrEqual(4.5);
  });
});
