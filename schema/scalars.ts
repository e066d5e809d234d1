import { GraphQLError, Kind, type ValueNode } from 'graphql';
import { builder } from './builder.ts';

builder.scalarType('DateTime', {
  description: 'A moment as ISO 8601 text with its offset, like 2026-01-31T12:00:00.000Z.',
  specifiedByURL: 'https://scalars.graphql.org/andimarek/date-time.html',
  serialize: (value) => toDate(value).toISOString(),
  parseValue: (value) => {
    if (typeof value !== 'string' || !isoMoment.test(value))
      throw notA('DateTime', 'ISO 8601 text with an offset', value);
    const date = toDate(value);
    if (!isInCalendar(value) || date < firstMoment || date > lastMoment)
      throw notA('DateTime', 'a moment that exists, of the years 1 to 9999', value);
    return date;
  },
});

builder.scalarType('BigInt', {
  description: 'A whole number that can exceed 2³¹, but not 2⁵³, given as text or number and answered as text.',
  serialize: (value) => {
    if (typeof value === 'number' && !Number.isSafeInteger(value)) throw notA('BigInt', 'a whole number', value);
    return String(value);
  },
  parseValue: (value) => toBigInt(value),
  parseLiteral: (node) => toBigInt(literalText(node)),
});

builder.scalarType('Decimal', {
  description: 'An exact decimal number as text, like "1249.90"; never a floating-point number.',
  serialize: (value) => {
    if (typeof value !== 'string') throw notA('Decimal', 'text', value);
    return value;
  },
  parseValue: (value) => toDecimal(typeof value === 'number' ? exactText(value) : value),
  parseLiteral: (node) => toDecimal(literalText(node)),
});

builder.scalarType('JSON', {
  description: 'Any JSON value. A number in the text of a query that a double cannot carry exactly becomes a string.',
  specifiedByURL: 'https://www.rfc-editor.org/rfc/rfc8259',
  serialize: (value) => value,
  parseValue: (value) => value,
  parseLiteral: (node, variables) => literalToJson(node, variables ?? {}),
});

builder.scalarType('URL', {
  description: 'An absolute URL.',
  specifiedByURL: 'https://url.spec.whatwg.org/',
  serialize: (value) => value,
  parseValue: (value) => {
    if (typeof value !== 'string' || !URL.canParse(value)) throw notA('URL', 'an absolute URL', value);
    return value;
  },
});

const isoMoment = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}(:\d{2}(\.\d{1,9})?)?(Z|[+-]\d{2}:\d{2})$/;

const firstMoment = new Date('0001-01-01T00:00:00Z');
const lastMoment = new Date('9999-12-31T23:59:59.999Z');

/** February 30 is no day, though JavaScript takes it for March 2. */
function isInCalendar(moment: string): boolean {
  const day = moment.slice(0, 10);
  return new Date(`${day}T00:00:00Z`).toISOString().startsWith(day);
}

function toDate(value: unknown): Date {
  const date = value instanceof Date ? value : new Date(String(value));
  if (Number.isNaN(date.getTime())) throw notA('DateTime', 'a moment that exists', value);
  return date;
}

function toBigInt(value: unknown): bigint {
  const isWhole = typeof value === 'string' ? /^-?\d{1,19}$/.test(value) : Number.isSafeInteger(value);
  const whole = isWhole ? BigInt(value as string | number) : null; // One of the two, by the test above.
  // Nothing that is counted is larger, and what reads it may make a double of it without losing a digit.
  if (whole === null || !Number.isSafeInteger(Number(whole)))
    throw notA('BigInt', 'a whole number between -2⁵³ and 2⁵³, as text or number', value);
  return whole;
}

function toDecimal(value: unknown): string {
  if (typeof value !== 'string' || !/^-?\d{1,20}(\.\d{1,18})?$/.test(value))
    throw notA('Decimal', 'a decimal number like "1249.90"', value);
  return value;
}

/** 15 significant digits survive a double (IEEE 754-2019, 5.12.2). */
function exactText(value: number): string {
  const text = String(value);
  if (text.replace(/[-.]/g, '').length > 15)
    throw notA('Decimal', 'text, since a JSON number cannot carry this many digits', value);
  return text;
}

function literalText(node: ValueNode): unknown {
  return node.kind === Kind.INT || node.kind === Kind.FLOAT || node.kind === Kind.STRING ? node.value : null;
}

function literalToJson(node: ValueNode, variables: Record<string, unknown>): unknown {
  switch (node.kind) {
    case Kind.INT:
    case Kind.FLOAT:
      return String(Number(node.value)) === node.value ? Number(node.value) : node.value;
    case Kind.STRING:
    case Kind.BOOLEAN:
    case Kind.ENUM:
      return node.value;
    case Kind.NULL:
      return null;
    case Kind.LIST:
      return node.values.map((value) => literalToJson(value, variables));
    case Kind.OBJECT:
      return Object.fromEntries(node.fields.map((field) => [field.name.value, literalToJson(field.value, variables)]));
    case Kind.VARIABLE:
      return variables[node.name.value] ?? null;
  }
}

function notA(scalar: string, expected: string, value: unknown): GraphQLError {
  return new GraphQLError(`${scalar} must be ${expected}, not ${JSON.stringify(value)?.slice(0, 100)}.`);
}
