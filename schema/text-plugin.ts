import SchemaBuilder, { BasePlugin, type PothosOutputFieldConfig, type SchemaTypes } from '@pothos/core';
import {
  GraphQLString,
  isInputObjectType,
  isListType,
  isNonNullType,
  type GraphQLFieldResolver,
  type GraphQLInputType,
  type GraphQLResolveInfo,
} from 'graphql';
import { findUnstorable } from '../src/domain/storable-json.ts';
import { invalid } from './invalid.ts';

declare global {
  export namespace PothosSchemaTypes {
    interface Plugins<Types extends SchemaTypes> {
      text: TextPlugin<Types>;
    }
  }
}

/** For `extensions` of an input field whose resolver makes any text storable, as that of messages of other programs. */
export const anyText = { anyText: true } as const;

/**
 * Refuses a String in an argument that Postgres cannot keep, so that no resolver has to think of it. Ids are left to
 * those who read them, to whom such an id names nothing, and JSON to the rules of what it stands for.
 */
export class TextPlugin<Types extends SchemaTypes> extends BasePlugin<Types> {
  override wrapResolve(
    resolve: GraphQLFieldResolver<unknown, Types['Context'], object>,
    { kind, args }: PothosOutputFieldConfig<Types>,
  ): GraphQLFieldResolver<unknown, Types['Context'], object> {
    if (kind === 'Subscription' || Object.keys(args).length === 0) return resolve;
    return (parent, given, context, info) => {
      assertStorable(given, info);
      return resolve(parent, given, context, info);
    };
  }

  override wrapSubscribe(
    subscribe: GraphQLFieldResolver<unknown, Types['Context'], object> | undefined,
  ): GraphQLFieldResolver<unknown, Types['Context'], object> | undefined {
    return (
      subscribe &&
      ((parent, given, context, info) => {
        assertStorable(given, info);
        return subscribe(parent, given, context, info);
      })
    );
  }
}

SchemaBuilder.registerPlugin('text', TextPlugin);

/** @throws InvalidInputError that says where the text stands */
function assertStorable(given: object, { parentType, fieldName }: GraphQLResolveInfo): void {
  for (const { name, type } of parentType.getFields()[fieldName]?.args ?? []) {
    // Errors name what lies in `input` by its path there.
    assertValue(type, Reflect.get(given, name), name === 'input' ? [] : [name]);
  }
}

function assertValue(given: GraphQLInputType, value: unknown, path: string[]): void {
  const type = isNonNullType(given) ? given.ofType : given;
  if (value === null || value === undefined) return;
  if (isListType(type)) {
    if (!Array.isArray(value)) return;
    for (const [index, member] of value.entries()) assertValue(type.ofType, member, [...path, String(index)]);
    return;
  }
  if (isInputObjectType(type)) {
    for (const field of Object.values(type.getFields())) {
      if (field.extensions['anyText'] !== true)
        assertValue(field.type, Reflect.get(value, field.name), [...path, field.name]);
    }
    return;
  }
  if (type !== GraphQLString) return;
  const problem = findUnstorable(value);
  if (problem) throw invalid(path, `${path.join('.')} ${problem.message}.`);
}
