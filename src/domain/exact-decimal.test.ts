import { fc, test as property } from '@fast-check/vitest';
import { expect, test } from 'vitest';
import { addDecimals, compareDecimals, formatDecimal, parseDecimal } from './exact-decimal.ts';

test.each([
  ['0', '0'],
  ['-12.50', '-12.50'],
  ['-0.05', '-0.05'],
  ['007', '7'],
  ['1e-7', '0.0000001'],
  ['1.5e+21', '1500000000000000000000'],
  ['12345678901234567890.123456789012345678', '12345678901234567890.123456789012345678'],
])('%s is read as %s', (text, exact) => {
  expect(formatDecimal(parseDecimal(text))).toBe(exact);
});

test.each(['', 'x', '1.', '.5', '1,5', 'NaN', 'Infinity', '0x10'])('%j is no decimal', (text) => {
  expect(() => parseDecimal(text)).toThrow(`${JSON.stringify(text)} is no decimal number.`);
});

test('a sum keeps the decimals of the longer one', () => {
  expect(formatDecimal(addDecimals(parseDecimal('0.1'), parseDecimal('0.20')))).toBe('0.30');
  expect(formatDecimal(addDecimals(parseDecimal('1249.90'), parseDecimal('-15')))).toBe('1234.90');
});

property.prop([fc.double({ noNaN: true, noDefaultInfinity: true })])('every number is read back as itself', (value) => {
  expect(Number(formatDecimal(parseDecimal(String(value))))).toBe(value === 0 ? 0 : value);
});

property.prop([fc.array(fc.bigInt({ min: -(10n ** 20n), max: 10n ** 20n }))])(
  'cents add up as whole numbers do, in any order',
  (cents) => {
    const add = (all: bigint[]) =>
      all.map((units) => ({ units, scale: 2 })).reduce(addDecimals, { units: 0n, scale: 0 });
    expect(compareDecimals(add(cents), add(cents.toReversed()))).toBe(0);
    expect(compareDecimals(add(cents), { units: cents.reduce((sum, each) => sum + each, 0n), scale: 2 })).toBe(0);
  },
);

property.prop([fc.integer(), fc.integer(), fc.nat({ max: 9 })])('comparing goes by value', (a, b, scale) => {
  const decimal = { units: BigInt(a) * 10n ** BigInt(scale), scale };
  expect(compareDecimals(decimal, { units: BigInt(b), scale: 0 })).toBe(Math.sign(a - b));
});
