import { z } from 'zod';
import { expect, test } from 'vitest';
import { bigCount, dateTime } from '../../src/job-types/fields.ts';
import { toJsonSchema } from './json-schema.ts';
import { toZodInput } from './input-type.ts';

const schema = z.object({
  name: z.string().nullable().describe('A name.'),
  mode: z.enum(['A', 'B']).default('A').describe('A mode.'),
  size: bigCount('A size.').optional(),
  from: dateTime('A start.').optional(),
  parts: z
    .array(z.object({ note: z.string().optional().describe('A note.') }))
    .optional()
    .describe('Parts.'),
});

test('a parsed GraphQL input becomes what the zod schema takes', () => {
  const input = { name: null, mode: null, size: 5n, from: new Date(0), parts: [{ note: null }, { note: 'x' }] };
  const taken = toZodInput(schema, input, 'test');
  expect(taken).toEqual({ name: null, size: 5, from: '1970-01-01T00:00:00.000Z', parts: [{}, { note: 'x' }] });
  expect(schema.parse(taken).mode).toBe('A');
});

test('JSON Schema tells forms what a field is, and nothing of GraphQL', () => {
  expect(toJsonSchema(schema)).toMatchInlineSnapshot(`
    {
      "$schema": "https://json-schema.org/draft/2020-12/schema",
      "properties": {
        "from": {
          "description": "A start.",
          "format": "date-time",
          "type": "string",
        },
        "mode": {
          "default": "A",
          "description": "A mode.",
          "enum": [
            "A",
            "B",
          ],
          "type": "string",
        },
        "name": {
          "description": "A name.",
          "type": [
            "string",
            "null",
          ],
        },
        "parts": {
          "description": "Parts.",
          "items": {
            "properties": {
              "note": {
                "description": "A note.",
                "type": "string",
              },
            },
            "type": "object",
          },
          "type": "array",
        },
        "size": {
          "description": "A size.",
          "maximum": 9007199254740991,
          "minimum": 0,
          "type": "integer",
        },
      },
      "required": [
        "name",
      ],
      "type": "object",
    }
  `);
});
