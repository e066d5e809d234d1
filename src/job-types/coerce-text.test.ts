import { fc, test } from '@fast-check/vitest';
import { describe, expect, it } from 'vitest';
import { toBoolean, toExactNumber, toIsoDateTime, toPlainDecimal } from './coerce-text.ts';

describe('toPlainDecimal', () => {
  it.each([
    ['12', '12'],
    ['1,234.50', '1234.50'],
    ['12,34,567.5', '1234567.5'],
    ['1.234.567,50', '1234567.50'],
    ['1.234.567', '1234567'],
    ['1 234,50', '1234.50'],
    ['1\u00a0234\u202f567.10', '1234567.10'],
    ["1'234'567.10", '1234567.10'],
    ['12,5', '12.5'],
    ['1,234', '1234'],
    ['0,500', '0.500'],
    ['1.234', '1.234'],
    ['€ 12', '12'],
    ['$-1,000.00', '-1000.00'],
    ['12 EUR', '12'],
    ['USD12.10', '12.10'],
    ['(12.00)', '-12.00'],
    ['− 5', '-5'],
    ['+7', '7'],
    ['.5', '0.5'],
    ['5.', '5'],
    ['  3.10 ', '3.10'],
  ])('reads %j as %s', (text, plain) => {
    expect(toPlainDecimal(text)).toBe(plain);
  });

  it.each(['', 'abc', '12 34', '1,23,4', '1.2.3', '1e5', 'EUR', '--1', '0x10', '12a', '1,234,56'])(
    'does not read %j',
    (text) => {
      expect(toPlainDecimal(text)).toBeNull();
    },
  );

  const digits = fc.stringMatching(/^[1-9][0-9]{0,19}$/);
  const fraction = fc.option(fc.stringMatching(/^[0-9]{1,18}$/), { nil: null });

  test.prop([fc.boolean(), digits, fraction])('keeps every digit of a plain decimal', (isNegative, whole, part) => {
    const text = `${isNegative ? '-' : ''}${whole}${part === null ? '' : `.${part}`}`;
    expect(toPlainDecimal(text)).toBe(text);
  });

  test.prop([digits, fc.stringMatching(/^[0-9]{1,18}$/), fc.constantFrom(',', ' ', "'", '\u202f')])(
    'keeps every digit of a grouped decimal',
    (whole, part, separator) => {
      const grouped = whole.replace(/\B(?=(\d{3})+$)/g, separator);
      expect(toPlainDecimal(`€ ${grouped}.${part}`)).toBe(`${whole}.${part}`);
    },
  );

  test.prop([fc.string()])('gives a plain decimal or nothing', (text) => {
    const plain = toPlainDecimal(text);
    if (plain !== null) expect(plain).toMatch(/^-?\d+(\.\d+)?$/);
  });
});

describe('toExactNumber', () => {
  it.each([
    ['12', 12],
    ['-0.10', -0.1],
    ['000123456789012345', 123456789012345],
  ])('reads %j as %d', (text, number) => {
    expect(toExactNumber(text)).toBe(number);
  });

  it.each(['1234567890123456', '1e3', '', ' 1', '1,000', '+1'])('leaves %j, which it cannot carry exactly', (text) => {
    expect(toExactNumber(text)).toBeNull();
  });
});

describe('toBoolean', () => {
  it.each(['true', 'YES', 'y', 'on', '1'])('takes %j for true', (text) => expect(toBoolean(text)).toBe(true));
  it.each(['False', 'no', 'N', 'off', '0'])('takes %j for false', (text) => expect(toBoolean(text)).toBe(false));
  it.each(['', 'maybe', '2'])('takes %j for neither', (text) => expect(toBoolean(text)).toBeNull());
});

describe('toIsoDateTime', () => {
  it.each([
    ['2026-01-31', '2026-01-31'],
    ['2026/01/31', '2026-01-31'],
    ['20260131', '2026-01-31'],
    ['2026-01-31 12:00', '2026-01-31T12:00:00Z'],
    ['2026-01-31t12:00:01,5z', '2026-01-31T12:00:01.5Z'],
    ['2026-01-31 12:00:00 UTC', '2026-01-31T12:00:00Z'],
    ['20260131T120000+0200', '2026-01-31T12:00:00+02:00'],
    ['2026-01-31T12:00:00-05', '2026-01-31T12:00:00-05:00'],
  ])('reads %j as %s', (text, iso) => {
    expect(toIsoDateTime(text)).toBe(iso);
  });

  it.each(['', 'yesterday', '31.01.2026', '2026-1-3', '2026-01/31', '12:00'])('does not read %j', (text) => {
    expect(toIsoDateTime(text)).toBeNull();
  });
});
