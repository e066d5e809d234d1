import { z } from 'zod';
import { expect, test } from 'vitest';
import { bigCount, dateTime, decimal } from '../../src/job-types/fields.ts';
import { fieldShape } from './field-shape.ts';

function shapeOf(schema: z.ZodType): string {
  const { type, isOptional, isNullable, defaultValue } = fieldShape(schema, 'test');
  const name = type.kind === 'scalar' ? type.scalar : type.kind === 'enum' ? type.values.join('|') : type.kind;
  const marks = [
    isOptional && 'optional',
    isNullable && 'nullable',
    defaultValue !== undefined && `= ${JSON.stringify(defaultValue)}`,
  ];
  return [name, ...marks.filter(Boolean)].join(' ');
}

test('zod types become GraphQL types', () => {
  const schemas = {
    text: z.string().min(1).max(5),
    email: z.email(),
    whole: z.number().int(),
    int32: z.int32(),
    number: z.number(),
    flag: z.boolean(),
    choice: z.enum(['A', 'B']),
    optional: z.string().optional(),
    nullable: z.string().nullable(),
    both: z.string().nullish(),
    withDefault: z.number().int().default(3),
    object: z.object({ a: z.string() }),
    list: z.array(z.string()).optional(),
    record: z.record(z.string(), z.string()),
    any: z.any(),
    unknown: z.unknown(),
    amount: decimal('An amount.'),
    optionalAmount: decimal('An amount.').optional(),
    moment: dateTime('A moment.'),
    size: bigCount('A size.').default(0),
  };
  expect(Object.fromEntries(Object.entries(schemas).map(([name, schema]) => [name, shapeOf(schema)])))
    .toMatchInlineSnapshot(`
    {
      "amount": "Decimal",
      "any": "JSON",
      "both": "String optional nullable",
      "choice": "A|B",
      "email": "String",
      "flag": "Boolean",
      "int32": "Int",
      "list": "list optional",
      "moment": "DateTime",
      "nullable": "String optional nullable",
      "number": "Float",
      "object": "object",
      "optional": "String optional",
      "optionalAmount": "Decimal optional",
      "record": "JSON",
      "size": "BigInt optional = 0",
      "text": "String",
      "unknown": "JSON",
      "whole": "Int",
      "withDefault": "Int optional = 3",
    }
  `);
});

test('a description is found wherever it was given', () => {
  const described = [
    z.string().describe('Here.').optional(),
    z.string().optional().describe('Here.'),
    decimal('Here.').nullable(),
  ];
  expect(described.map((schema) => fieldShape(schema, 'test').description)).toEqual(['Here.', 'Here.', 'Here.']);
});

test('a type without a counterpart is refused by its path', () => {
  expect(() => fieldShape(z.array(z.date()), 'video.parts')).toThrow(
    'video.parts[]: the zod type "date" has no GraphQL type.',
  );
});
