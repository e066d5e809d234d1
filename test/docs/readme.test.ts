import { readFile } from 'node:fs/promises';
import { parse, validate } from 'graphql';
import { expect, test } from 'vitest';
import { schema } from '../../schema/schema.ts';
import { settings } from '../../src/config.ts';

const readme = await readFile(new URL('../../README.md', import.meta.url), 'utf8');

test('the README lists every setting with its meaning and default', () => {
  const rows = Object.entries(settings).map(([name, setting]) => {
    const fallback = setting.safeParse(undefined).data;
    return `| \`${name}\` | ${setting.description}${fallback === undefined ? '' : ` (\`${String(fallback)}\`)`} |`;
  });
  expect(readme.split('\n')).toEqual(expect.arrayContaining(rows));
});

test('the operations in the README fit the schema', () => {
  const operations = [...readme.matchAll(/```graphql\n(.*?)```/gs)].map(([, operation]) => operation ?? '');
  expect(operations).toHaveLength(2);
  expect(operations.flatMap((operation) => validate(schema, parse(operation)))).toEqual([]);
});

test('the README is short', () => {
  expect(readme.split('\n').length).toBeLessThanOrEqual(120);
});
