import { GraphQLError, isScalarType, parseValue as parseLiteral, type GraphQLScalarType } from 'graphql';
import { expect, test } from 'vitest';
import { schema } from './schema.ts';

function scalar(name: string): GraphQLScalarType {
  const type = schema.getType(name);
  if (!isScalarType(type)) throw new Error(`${name} is no scalar.`);
  return type;
}

const literal = (name: string, text: string, variables = {}): unknown =>
  scalar(name).parseLiteral(parseLiteral(text), variables);

test('numbers in a JSON literal keep every digit, as text where a double would lose one', () => {
  expect(literal('JSON', '[1, 1.5, 1249.90, 0.1000000000000000055, 12345678901234567890, -0]')).toEqual([
    1,
    1.5,
    '1249.90',
    '0.1000000000000000055',
    '12345678901234567890',
    '-0',
  ]);
});

test('a JSON literal can hold everything that JSON can, and variables', () => {
  expect(literal('JSON', '{ a: null, b: [true, "x", RED], c: { d: $v, e: $none } }', { v: { f: 1 } })).toEqual({
    a: null,
    b: [true, 'x', 'RED'],
    c: { d: { f: 1 }, e: null },
  });
});

test('BigInt takes text and whole numbers and answers text', () => {
  const type = scalar('BigInt');
  expect([
    type.parseValue('9007199254740991'),
    type.parseValue(5),
    literal('BigInt', '9007199254740991'),
    literal('BigInt', '"7"'),
  ]).toEqual([9007199254740991n, 5n, 9007199254740991n, 7n]);
  expect([type.serialize(5), type.serialize('9007199254740993'), type.serialize(0n)]).toEqual([
    '5',
    '9007199254740993',
    '0',
  ]);
  for (const wrong of [1.5, '1.5', '', null, true, 2 ** 60]) expect(() => type.parseValue(wrong)).toThrow(GraphQLError);
  expect(() => literal('BigInt', 'true')).toThrow(GraphQLError);
  expect(() => type.serialize(0.5)).toThrow(GraphQLError);
});

test('Decimal stays text from end to end', () => {
  const type = scalar('Decimal');
  expect([
    literal('Decimal', '1249.90'),
    literal('Decimal', '"1249.90"'),
    type.parseValue('-0.10'),
    type.parseValue(12.5),
  ]).toEqual(['1249.90', '1249.90', '-0.10', '12.5']);
  expect(type.serialize('1.50')).toBe('1.50');
  expect(() => type.serialize(1.5)).toThrow(GraphQLError);
  for (const wrong of ['1e5', 'abc', '', 0.1 + 0.2, true]) expect(() => type.parseValue(wrong)).toThrow(GraphQLError);
});

test('DateTime wants an offset and a moment that exists', () => {
  const type = scalar('DateTime');
  expect(type.parseValue('2026-01-31T12:00:00+02:00')).toEqual(new Date('2026-01-31T10:00:00Z'));
  expect(type.serialize(new Date(0))).toBe('1970-01-01T00:00:00.000Z');
  expect(type.serialize('2026-01-31T12:00:00+02:00')).toBe('2026-01-31T10:00:00.000Z');
  for (const wrong of ['2026-01-31', '2026-13-31T12:00:00Z', 'now', 5])
    expect(() => type.parseValue(wrong)).toThrow(GraphQLError);
});

test('URL is absolute', () => {
  const type = scalar('URL');
  expect([type.parseValue('https://example.org/a'), type.serialize('https://example.org/a')]).toEqual([
    'https://example.org/a',
    'https://example.org/a',
  ]);
  for (const wrong of ['/a', 5]) expect(() => type.parseValue(wrong)).toThrow(GraphQLError);
});

test('DateTime takes days of the calendar, of the years that Postgres and JavaScript write alike', () => {
  const type = scalar('DateTime');
  expect(type.parseValue('2028-02-29T24:00:00+02:00')).toEqual(new Date('2028-02-29T22:00:00Z'));
  for (const wrong of [
    '2026-02-29T00:00:00Z',
    '2026-02-30T00:00:00Z',
    '0000-01-01T00:00:00Z',
    '9999-12-31T23:59:59-14:00',
  ])
    expect(() => type.parseValue(wrong)).toThrow('DateTime must be a moment that exists, of the years 1 to 9999');
});

test('BigInt takes what a double carries exactly, so that no digit is lost on the way', () => {
  const type = scalar('BigInt');
  expect(type.parseValue('-9007199254740991')).toBe(-9007199254740991n);
  for (const wrong of ['9007199254740993', '9223372036854775807'])
    expect(() => type.parseValue(wrong)).toThrow('BigInt must be a whole number between -2⁵³ and 2⁵³');
});
