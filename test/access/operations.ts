import {
  getNamedType,
  isEnumType,
  isInputObjectType,
  isInterfaceType,
  isListType,
  isNonNullType,
  isObjectType,
  isUnionType,
  type GraphQLArgument,
  type GraphQLField,
  type GraphQLInputField,
  type GraphQLInputType,
  type GraphQLNamedType,
  type GraphQLObjectType,
  type GraphQLSchema,
} from 'graphql';

/** What stands in the arguments of an operation: an id wherever an id is asked for, a text wherever a text is. */
export interface Values {
  id: string;
  text: string;
}

export interface Operation {
  /** `Query.job`, which way to give its arguments, and which of the types that it can answer. */
  name: string;
  kind: 'query' | 'mutation' | 'subscription';
  field: GraphQLField<unknown, unknown>;
  document: string;
}

/** Levels of objects that are selected; deeper ones are reached from other fields, or by their ids. */
const depth = 4;

/** Operations that use every field of Query, Mutation and Subscription, once for each member of a @oneOf input. */
export function operationsOf(schema: GraphQLSchema, values: Values): Operation[] {
  const kinds = {
    query: schema.getQueryType(),
    mutation: schema.getMutationType(),
    subscription: schema.getSubscriptionType(),
  };
  return Object.entries(kinds).flatMap(([kind, root]) =>
    Object.values(root?.getFields() ?? {}).flatMap((field) =>
      argumentLists(field, values).flatMap((list, index) =>
        selections(getNamedType(field.type), schema).map((selected, part) => ({
          name: `${root?.name}.${field.name} ${index + 1}.${part + 1}`,
          // Those are its keys.
          kind: kind as Operation['kind'],
          field,
          document: `${kind} { ${field.name}${list} ${selected} }`,
        })),
      ),
    ),
  );
}

function argumentLists(field: GraphQLField<unknown, unknown>, values: Values): string[] {
  const asked = field.args.filter(isGiven).map((arg) => ({ name: arg.name, each: literals(arg.type, values) }));
  // All that can be selected of a usual page costs more than an operation may.
  const page = field.args.some(({ name }) => name === 'first') ? [{ name: 'first', each: ['10'] }] : [];
  const given = [...asked, ...page];
  if (given.length === 0) return [''];
  return sideBySide(given).map((list) => `(${list})`);
}

/** As many lists as the longest has ways to be written; the others stay at their first. */
function sideBySide(given: readonly { name: string; each: readonly string[] }[]): string[] {
  const most = Math.max(1, ...given.map(({ each }) => each.length));
  return Array.from({ length: most }, (_, index) =>
    given.map(({ name, each }) => `${name}: ${each[index] ?? each[0]}`).join(', '),
  );
}

/** Ways to write a value of the type, so that each member of a @oneOf input comes up. */
function literals(type: GraphQLInputType, values: Values): string[] {
  if (isNonNullType(type)) return literals(type.ofType, values);
  if (isListType(type)) return literals(type.ofType, values).map((literal) => `[${literal}]`);
  if (isEnumType(type)) return [type.getValues()[0]?.name ?? ''];
  if (!isInputObjectType(type)) return [scalar(type.name, values)];
  const fields = Object.values(type.getFields());
  if (type.isOneOf) {
    return fields.flatMap((field) => literals(field.type, values).map((literal) => `{ ${field.name}: ${literal} }`));
  }
  const given = fields.filter(isGiven).map((field) => ({ name: field.name, each: literals(field.type, values) }));
  return sideBySide(given).map((list) => `{ ${list} }`);
}

/** What may be left out is left out, unless it can name something of others. */
function isGiven(input: GraphQLArgument | GraphQLInputField): boolean {
  if (isNonNullType(input.type) && input.defaultValue === undefined) return true;
  const type = getNamedType(input.type);
  return type.name === 'ID' || (isInputObjectType(type) && Object.values(type.getFields()).some(isGiven));
}

function scalar(name: string, { id, text }: Values): string {
  switch (name) {
    case 'ID':
      return JSON.stringify(id);
    case 'String':
      return JSON.stringify(text);
    case 'Int':
      return '1';
    case 'Float':
      return '1.5';
    case 'Boolean':
      return 'true';
    case 'BigInt':
      return '"0"';
    case 'Decimal':
      return '"1.5"';
    case 'DateTime':
      return '"2100-01-01T00:00:00Z"';
    case 'JSON':
      return '{}';
    case 'URL':
      return '"https://127.0.0.1:1/"';
    default:
      throw new Error(`Say here how a ${name} is written, so that fields which take one are tried too.`);
  }
}

/** What can be selected of a field's type: for an interface once for each of its types, whose fields could not stand side by side. */
function selections(type: GraphQLNamedType, schema: GraphQLSchema): string[] {
  if (isInterfaceType(type)) {
    return schema.getPossibleTypes(type).map((each) => `{ __typename ... on ${each.name} ${fields(each, depth)} }`);
  }
  if (!isUnionType(type)) return [fields(type, depth)];
  const isError = (each: GraphQLObjectType) => each.getInterfaces().some(({ name }) => name === 'Error');
  const payloads = type.getTypes().filter((each) => !isError(each));
  return payloads.map(
    (each) => `{ __typename ... on Error { code message } ... on ${each.name} ${fields(each, depth)} }`,
  );
}

/** All fields that need no argument, pages of one; of unions only which member it is. */
function fields(type: GraphQLNamedType, levels: number): string {
  if (isUnionType(type)) return '{ __typename }';
  if (!isObjectType(type) && !isInterfaceType(type)) return '';
  const selected = Object.values(type.getFields()).flatMap((field) => {
    if (field.args.some((arg) => isNonNullType(arg.type) && arg.defaultValue === undefined)) return [];
    const of = getNamedType(field.type);
    const isComposite = isObjectType(of) || isInterfaceType(of) || isUnionType(of);
    if (isComposite && levels <= 1) return [];
    const page = field.args.some(({ name }) => name === 'first') ? '(first: 1)' : '';
    return [`${field.name}${page} ${fields(of, levels - 1)}`];
  });
  return `{ __typename ${selected.join(' ')} }`;
}
