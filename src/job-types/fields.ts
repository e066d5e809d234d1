import { z } from 'zod';

/** What else may be said of a field, as in `.meta()`. */
interface FurtherMeta {
  aliases?: readonly string[];
}

/** Tells the schema which GraphQL scalar stands for a field whose zod type does not say it alone. */
export interface FieldMeta {
  graphqlType: 'Decimal' | 'DateTime' | 'BigInt';
}

/** One of these words; the sentence of each says what it means. */
export function oneOf<Word extends string>(sentences: Record<Word, string>) {
  // The words are the keys, as the type says.
  return z.enum(Object.keys(sentences) as Word[]).meta({ values: sentences });
}

const plainDecimal = /^-?\d{1,20}(\.\d{1,18})?$/;

/**
 * An exact decimal, kept as text from end to end ("1234.50"); a JSON number is taken only where its shortest decimal
 * form has at most 15 significant digits, which a double carries without loss (IEEE 754-2019, 5.12.2).
 */
export function decimal(description: string, further: FurtherMeta = {}) {
  return z
    .union([z.string(), z.number()], { error: 'must be a decimal number, like 1234.50' })
    .transform((value, context) => {
      const text = String(value);
      if (!plainDecimal.test(text)) {
        context.addIssue({
          code: 'custom',
          message: `must be a decimal number like 1234.50, not ${JSON.stringify(value)}`,
        });
        return z.NEVER;
      }
      if (typeof value === 'number' && text.replace(/[-.]/g, '').length > 15) {
        context.addIssue({
          code: 'custom',
          message: `has more digits than a JSON number carries: send it as a string`,
        });
        return z.NEVER;
      }
      return text;
    })
    .meta({ ...further, description, graphqlType: 'Decimal' });
}

/** A moment as ISO 8601 text with an offset; a date alone means midnight UTC. Becomes "2026-01-31T23:00:00.000Z". */
export function dateTime(description: string, further: FurtherMeta = {}) {
  return z
    .string({ error: 'must be an ISO 8601 date and time' })
    .transform((text, context) => {
      const isIso = /^\d{4}-\d{2}-\d{2}(T\d{2}:\d{2}(:\d{2}(\.\d{1,9})?)?(Z|[+-]\d{2}:\d{2}))?$/.test(text);
      const date = new Date(text);
      if (!isIso || Number.isNaN(date.getTime()) || !isDayOfCalendar(text.slice(0, 10))) {
        context.addIssue({
          code: 'custom',
          message: `must be an ISO 8601 date and time like 2026-01-31T12:00:00Z, not ${JSON.stringify(text)}`,
        });
        return z.NEVER;
      }
      return date.toISOString();
    })
    .meta({ ...further, description, graphqlType: 'DateTime' });
}

/** `Date` makes 2 March of 30 February. */
function isDayOfCalendar(day: string): boolean {
  const midnight = new Date(`${day}T00:00:00Z`);
  return !Number.isNaN(midnight.getTime()) && midnight.toISOString().startsWith(day);
}

/** A count or size that can exceed 2³¹. */
export function bigCount(description: string) {
  return z.number().int().min(0).meta({ description, graphqlType: 'BigInt' });
}
