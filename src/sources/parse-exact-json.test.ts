import { fc, test } from '@fast-check/vitest';
import { describe, expect, it } from 'vitest';
import { parseExactJson } from './parse-exact-json.ts';

describe('parseExactJson', () => {
  it.each([
    ['12345678901234567.89', '12345678901234567.89'],
    ['0.1234567890123456789', '0.1234567890123456789'],
    ['-9007199254740993', '-9007199254740993'],
    ['1e400', '1e400'],
    ['1e-400', '1e-400'],
    ['1234567890123456.0', '1234567890123456.0'],
  ])('keeps %s as text, for no double carries it', (source, text) => {
    expect(parseExactJson(`{"a": ${source}, "b":[${source}]}`)).toEqual({ a: text, b: [text] });
  });

  it.each([
    ['1.10', 1.1],
    ['-0', -0],
    ['9007199254740991', 9007199254740991],
    ['1e21', 1e21],
    ['1.5E+3', 1500],
    ['0.000000000000000000', 0],
    ['123456789012.345', 123456789012.345],
  ])('reads %s as a number', (source, number) => {
    expect(parseExactJson(`{"a":${source},"b":12345678901234567890}`)).toEqual({
      a: number,
      b: '12345678901234567890',
    });
    expect(parseExactJson(source)).toBe(number);
  });

  it('leaves text alone, whatever digits it holds', () => {
    const value = { iban: '02120300000000202051', note: 'a:12345678901234567890,1e400' };
    expect(parseExactJson(JSON.stringify(value))).toEqual(value);
  });

  test.prop([fc.stringMatching(/^-?(0|[1-9][0-9]{0,25})(\.[0-9]{1,25})?$/)])('never changes a value', (source) => {
    const value = parseExactJson(`[${source}]`);
    const [read] = Array.isArray(value) ? value : [];
    expect(canonical(String(read))).toBe(canonical(source));
  });

  it.each(['', '{', '{"a":01}', '[1,]'])('throws for %j', (text) => {
    expect(() => parseExactJson(text)).toThrow(SyntaxError);
  });
});

/** Without what does not change a decimal's value: zeros at its ends, and exponents. */
function canonical(text: string): string {
  const [mantissa = '', exponent = '0'] = text.split('e');
  const [whole = '', fraction = ''] = mantissa.replace('-', '').split('.');
  const digits = `${whole}${fraction}`;
  const point = whole.length + Number(exponent);
  const padded = digits.padEnd(point, '0').padStart(digits.length - Math.min(point, 0), '0');
  const at = Math.max(point, 0);
  const result = `${padded.slice(0, at).replace(/^0+/, '')}.${padded.slice(at).replace(/0+$/, '')}`;
  return result === '.' ? '0' : `${text.startsWith('-') ? '-' : ''}${result}`;
}
