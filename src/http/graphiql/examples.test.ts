import { readFile } from 'node:fs/promises';
import { buildSchema, Kind, parse, validate, type GraphQLSchema } from 'graphql';
import { beforeAll, expect, test } from 'vitest';
import { readExamples } from './examples.ts';

let schema: GraphQLSchema;
beforeAll(async () => {
  schema = buildSchema(await readFile(new URL('../../../schema/schema.graphql', import.meta.url), 'utf8'));
});

test('every example of GraphiQL fits the schema, with the variables that its tab has', async () => {
  const examples = await readExamples();
  expect(examples).toHaveLength(7);
  for (const { query, variables } of examples) {
    const document = parse(query);
    expect(validate(schema, document)).toEqual([]);
    const declared = document.definitions.flatMap((definition) =>
      definition.kind === Kind.OPERATION_DEFINITION ? (definition.variableDefinitions ?? []) : [],
    );
    const names = declared.map((definition) => definition.variable.name.value);
    expect(new Set(Object.keys(JSON.parse(variables)))).toEqual(new Set(names));
  }
});
