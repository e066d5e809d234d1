import { readFile } from 'node:fs/promises';
import { isObjectType, parse, validate } from 'graphql';
import { expect, test } from 'vitest';
import { requirementOf } from '../../schema/access-plugin.ts';
import { schema } from '../../schema/schema.ts';
import { scopes } from '../../src/domain/scope.ts';

const page = await readFile(new URL('../../docs/access.md', import.meta.url), 'utf8');

test('docs/access.md lists each field under what it needs', () => {
  const rows = page.matchAll(/^\| (FOLLOW|READ|SUBMIT|CONTROL|ADMIN)\b[^|]*\| (.*) \|$/gm);
  const listed = [...rows].flatMap(([, requirement, fields = '']) =>
    [...fields.matchAll(/`([\w.]+)`/g)].map(([, field]) => `${requirement} ${field}`),
  );
  expect(listed.toSorted()).toEqual(declared().toSorted());
});

test('the operation in docs/access.md fits the schema', () => {
  const operations = [...page.matchAll(/```graphql\n(.*?)```/gs)].map(([, operation]) => operation ?? '');
  expect(operations).toHaveLength(1);
  expect(operations.flatMap((operation) => validate(schema, parse(operation)))).toEqual([]);
});

/** Fields of Query, Mutation and Subscription by their name alone, others with that of their type. */
function declared(): string[] {
  const roots = [schema.getQueryType(), schema.getMutationType(), schema.getSubscriptionType()];
  return ['FOLLOW', ...scopes].flatMap((requirement) =>
    Object.values(schema.getTypeMap())
      .filter(isObjectType)
      .flatMap((type) =>
        Object.values(type.getFields())
          .filter((field) => requirementOf(field) === requirement)
          .map(({ name }) => `${requirement} ${roots.includes(type) ? name : `${type.name}.${name}`}`),
      ),
  );
}
