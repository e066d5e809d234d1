import { expect, test } from 'vitest';
import { z } from 'zod';
import { fieldNamesOf } from './field-names.ts';

const names = fieldNamesOf(
  z.object({
    title: z.string().meta({ aliases: ['idea_title', 'Idea/Title'] }),
    durationSeconds: z
      .number()
      .meta({ aliases: ['Length'] })
      .default(300),
    other: z
      .string()
      .optional()
      .meta({ aliases: ['Remarks'] }),
  }),
);

test.each([
  ['title', 'title'],
  ['TITLE', 'title'],
  ['Idea Title', 'title'],
  ['idea/title', 'title'],
  [' IDEA-TITLE', 'title'],
  ['Duration seconds', 'durationSeconds'],
  ['duration_seconds', 'durationSeconds'],
  ['length', 'durationSeconds'],
  ['remarks', 'other'],
  ['titles', null],
  ['', null],
])('the column %j names the field %j', (column, field) => {
  expect(names.find(column)).toBe(field);
});

test('a name that means two fields is refused where the job type is defined', () => {
  const schema = z.object({ title: z.string(), name: z.string().meta({ aliases: ['Title'] }) });
  expect(() => fieldNamesOf(schema)).toThrow('The name "Title" means both title and name.');
});
