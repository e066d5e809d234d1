import { readFileSync } from 'node:fs';
import {
  isEnumType,
  isInputObjectType,
  isInterfaceType,
  isObjectType,
  isUnionType,
  printType,
  type GraphQLNamedType,
} from 'graphql';
import { expect, test } from 'vitest';
import { printSdl, sdlPath } from './print-schema.ts';
import { schema } from './schema.ts';

const builtIn = new Set(['String', 'Int', 'Float', 'Boolean', 'ID']);
const ours = Object.values(schema.getTypeMap()).filter(({ name }) => !name.startsWith('__') && !builtIn.has(name));

test('schema.graphql is the schema that runs', () => {
  expect(readFileSync(sdlPath, 'utf8'), 'Run: node schema/print-schema.ts').toBe(printSdl());
});

test('every type, field, argument and enum value is described in a sentence', () => {
  const undescribed = ours.flatMap(parts).filter(({ description }) => !/^\S.+[.]$/s.test(description ?? ''));
  expect(undescribed.map(({ path }) => path)).toEqual([]);
});

test('every enum value has a sentence of its own', () => {
  const repeated = ours.filter(isEnumType).flatMap((type) => {
    const sentences = type.getValues().map(({ description }) => description ?? '');
    const isAlike = type.getValues().some(({ name }, at) => sentences[at]?.startsWith(`${name}: `));
    return isAlike || new Set(sentences).size < sentences.length ? [type.name] : [];
  });
  expect(repeated).toEqual([]);
});

test('every mutation takes one input and answers a union of its payload and errors', () => {
  for (const mutation of Object.values(schema.getMutationType()?.getFields() ?? {})) {
    const name = mutation.name.charAt(0).toUpperCase() + mutation.name.slice(1);
    expect(mutation.args.map(({ name: arg, type }) => `${arg}: ${String(type)}`)).toEqual([`input: ${name}Input!`]);
    expect(String(mutation.type)).toBe(`${name}Result!`);
    const result = schema.getType(`${name}Result`);
    const members = isUnionType(result) ? result.getTypes() : [];
    const payloads = members.filter((member) => !member.getInterfaces().some((parent) => parent.name === 'Error'));
    expect(payloads.map((member) => member.name)).toEqual([`${name}Payload`]);
  }
});

test('enum values are SCREAMING_SNAKE', () => {
  const values = ours.filter(isEnumType).flatMap((type) => type.getValues().map((value) => value.name));
  expect(values.filter((value) => !/^[A-Z][A-Z0-9]*(_[A-Z0-9]+)*$/.test(value))).toEqual([]);
});

test('the schemas of the job types become its types', () => {
  const names = [
    'JobSpecInput',
    'JobTypeName',
    'JobOptions',
    'TransactionsOptionsInput',
    'TransactionsOnDuplicate',
    'TransactionInput',
    'TransactionsAggregates',
  ];
  const excerpt = names.map((name) => withoutDescriptions(printType(getType(name))));
  expect(excerpt.join('\n')).toMatchInlineSnapshot(`
    "input JobSpecInput @oneOf {
      echo: EchoOptionsInput
      external: ExternalOptionsInput
      transactions: TransactionsOptionsInput
      video: VideoOptionsInput
    }
    enum JobTypeName {
      ECHO
      EXTERNAL
      TRANSACTIONS
      VIDEO
    }
    union JobOptions = EchoOptions | ExternalOptions | TransactionsOptions | VideoOptions
    input TransactionsOptionsInput {
      onDuplicate: TransactionsOnDuplicate = SKIP
    }
    enum TransactionsOnDuplicate {
      FAIL
      SKIP
      UPDATE
    }
    type TransactionInput {
      account: String!
      amount: Decimal!
      currency: String!
      description: String
      occurredAt: DateTime!
      reference: String!
    }
    type TransactionsAggregates {
      averageAmount: Decimal
      byAccount(
        first: Int! = 10
      ): [TransactionsAggregatesByAccount!]!
      byCurrency: [TransactionsAggregatesByCurrency!]!
      count: BigInt!
      failed: BigInt!
      skipped: BigInt!
      succeeded: BigInt!
      totalAmount: Decimal!
    }"
  `);
});

function getType(name: string): GraphQLNamedType {
  const type = schema.getType(name);
  if (!type) throw new Error(`The schema has no type ${name}.`);
  return type;
}

interface Part {
  path: string;
  description: string | null | undefined;
}

function parts(type: GraphQLNamedType): Part[] {
  return [{ path: type.name, description: type.description }, ...members(type)];
}

function members(type: GraphQLNamedType): Part[] {
  const at = (name: string) => `${type.name}.${name}`;
  if (isEnumType(type))
    return type.getValues().map((value) => ({ path: at(value.name), description: value.description }));
  if (isInputObjectType(type)) {
    return Object.values(type.getFields()).map((field) => ({ path: at(field.name), description: field.description }));
  }
  if (!isObjectType(type) && !isInterfaceType(type)) return [];
  return Object.values(type.getFields()).flatMap((field) => [
    { path: at(field.name), description: field.description },
    ...field.args.map((arg) => ({ path: `${at(field.name)}(${arg.name}:)`, description: arg.description })),
  ]);
}

function withoutDescriptions(sdl: string): string {
  return sdl
    .replace(/^ *"""(.*?)"""\n/gms, '')
    .replace(/\n\n/g, '\n')
    .trim();
}
