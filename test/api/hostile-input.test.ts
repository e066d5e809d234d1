import {
  getNamedType,
  isEnumType,
  isInputObjectType,
  isListType,
  isNonNullType,
  isUnionType,
  isLeafType,
  type GraphQLArgument,
  type GraphQLField,
  type GraphQLInputField,
  type GraphQLInputType,
} from 'graphql';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { schema } from '../../schema/schema.ts';
import { startTestApi, type TestApi } from '../support/api.ts';

/** What is valid GraphQL, and what Postgres or JavaScript does not take as it is. */
const hostile: Record<string, readonly unknown[]> = {
  String: ['', 'a\0b', '\ud800', 'x'.repeat(100_000), '\u202e"\\'],
  ID: ['', 'a\0b', '\ud800', 'x'.repeat(100_000), 'ffffffff-ffff-ffff-ffff-ffffffffffff'],
  Int: [2 ** 31 - 1, -(2 ** 31)],
  Float: [1e308, -1e308, 5e-324],
  BigInt: ['9223372036854775807', '-9223372036854775808', '9999999999999999999'],
  Decimal: ['99999999999999999999.999999999999999999', '-0'],
  DateTime: ['0000-01-01T00:00:00Z', '0001-01-01T00:00:00Z', '9999-12-31T23:59:59Z', '9999-12-31T23:59:59-14:00'],
  JSON: [null, [], 'a\0b', { 'a\0b': 1 }, { a: '\ud800' }, { a: 1e308 }, nested(200)],
};

/** The least that a value of each scalar can be while it means something. */
const plain: Record<string, unknown> = {
  String: 'a',
  ID: '01a20ecf-1cb7-7000-b3ac-7c910d0a1b84',
  Int: 1,
  Float: 1,
  BigInt: '1',
  Decimal: '1',
  DateTime: '2026-01-01T00:00:00Z',
  JSON: {},
  Boolean: true,
};

let api: TestApi;

beforeAll(async () => {
  api = await startTestApi();
});
afterAll(() => api?.close());

const fields = [schema.getQueryType(), schema.getMutationType()].flatMap((root) =>
  Object.values(root?.getFields() ?? {})
    .filter(({ args }) => args.length > 0)
    .map((field) => ({ title: `${root?.name}.${field.name}`, kind: root?.name.toLowerCase() ?? '', field })),
);

test.each(fields)('$title answers whatever comes with a value or a refusal, never with a failure', async (given) => {
  const { kind, field } = given;
  const variables = field.args.map(({ name, type }) => `$${name}: ${String(type)}`);
  const args = field.args.map(({ name }) => `${name}: $${name}`);
  const document = `${kind} (${variables.join(', ')}) { ${field.name}(${args.join(', ')}) ${selectionOf(field)} }`;
  const failures: unknown[] = [];
  for (const sent of variants(field.args)) {
    const { errors } = await api.client.send(document, sent);
    const codes = errors?.map(({ extensions }) => extensions?.['code']) ?? [];
    if (codes.some((code) => !refusals.has(code))) failures.push({ sent, errors });
  }
  expect(failures).toEqual([]);
});

const refusals = new Set<unknown>(['INVALID_INPUT', 'NOT_FOUND', 'LIMIT_EXCEEDED', 'PERMISSION_DENIED', 'CONFLICT']);

function selectionOf({ type }: GraphQLField<unknown, unknown>): string {
  const named = getNamedType(type);
  if (isLeafType(named)) return '';
  return isUnionType(named) ? '{ __typename ... on Error { message } }' : '{ __typename }';
}

type Taker = GraphQLArgument | GraphQLInputField;

/** Objects in which one value after the other is hostile, and the others are plain. */
function* variants(takers: readonly Taker[]): Generator<Record<string, unknown>> {
  const rest = plainObject(takers);
  for (const { name, type } of takers) for (const value of hostileValues(type)) yield { ...rest, [name]: value };
}

function* hostileValues(given: GraphQLInputType): Generator<unknown> {
  const type = isNonNullType(given) ? given.ofType : given;
  if (isListType(type)) {
    yield [];
    for (const value of hostileValues(type.ofType)) yield [value];
  } else if (isInputObjectType(type)) {
    const inner = Object.values(type.getFields());
    if (type.isOneOf) for (const field of inner) yield* variants([field]);
    else yield* variants(inner);
  } else if (!isEnumType(type)) yield* hostile[type.name] ?? [];
}

function plainObject(takers: readonly Taker[]): Record<string, unknown> {
  const needed = takers.filter(({ type, defaultValue }) => isNonNullType(type) && defaultValue === undefined);
  return Object.fromEntries(needed.map(({ name, type }) => [name, plainValue(type)]));
}

function plainValue(given: GraphQLInputType): unknown {
  const type = isNonNullType(given) ? given.ofType : given;
  if (isListType(type)) return [plainValue(type.ofType)];
  if (isEnumType(type)) return type.getValues()[0]?.name;
  if (!isInputObjectType(type)) return plain[type.name];
  const inner = Object.values(type.getFields());
  const [first] = inner;
  return type.isOneOf && first ? { [first.name]: plainValue(first.type) } : plainObject(inner);
}

function nested(levels: number): unknown {
  return levels === 0 ? 1 : { a: nested(levels - 1) };
}
