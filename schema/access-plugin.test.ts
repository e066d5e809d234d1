import SchemaBuilder from '@pothos/core';
import RelayPlugin from '@pothos/plugin-relay';
import { expect, test } from 'vitest';
import { requirementOf } from './access-plugin.ts';
import { schema } from './schema.ts';

function createBuilder() {
  return new SchemaBuilder<object>({
    plugins: ['access', RelayPlugin],
    relay: { nodeQueryOptions: false, nodesQueryOptions: false },
  });
}

test('a schema cannot be built before each field of Query, Mutation and Subscription says who may use it', () => {
  const builder = createBuilder();
  builder.queryType({
    fields: (t) => ({ open: t.int({ resolve: () => 1 }), declared: t.int({ access: 'READ', resolve: () => 1 }) }),
  });
  builder.mutationType({ fields: (t) => ({ change: t.int({ resolve: () => 1 }) }) });
  builder.subscriptionType({
    fields: (t) => ({ follow: t.int({ subscribe: () => ({ async *[Symbol.asyncIterator]() {} }), resolve: () => 1 }) }),
  });
  expect(() => builder.toSchema()).toThrow(
    'It is not declared who may use Query.open, Mutation.change, Subscription.follow. Add `access` to the options',
  );
});

test('a type that is a Node says it too', () => {
  const builder = createBuilder();
  builder.queryType({ fields: (t) => ({ declared: t.int({ access: 'READ', resolve: () => 1 }) }) });
  builder.objectRef<{ id: string }>('Thing').implement({
    interfaces: [builder.nodeInterfaceRef()],
    fields: (t) => ({ id: t.exposeID('id') }),
  });
  expect(() => builder.toSchema()).toThrow('It is not declared who may use Thing. Add `access`');
});

test('what a type asks for, every field of it asks for', () => {
  const upload = schema.getType('Upload');
  expect(upload && requirementOf(upload)).toBe('READ');
});
