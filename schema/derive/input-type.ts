import type { InputRef } from '@pothos/core';
import { z } from 'zod';
import { builder } from '../builder.ts';
import { fieldShapes, type FieldShape } from './field-shape.ts';
import { upperFirst } from './names.ts';
import { describe, ownName, typeRef, type DerivedType, type RefMaker } from './type-ref.ts';

type AnyInput = InputRef<unknown>;

/** The GraphQL input type of what a zod object takes. */
export function derivedInput(type: DerivedType): AnyInput {
  const fields = fieldShapes(type.schema, type.name);
  return builder.inputType(type.name, {
    description: type.description,
    fields: (t) =>
      Object.fromEntries(
        fields.map(([name, shape]) => [
          name,
          t.field({
            type: typeRef(
              type,
              name,
              shape,
              inputs((element) => t.listRef(element)),
            ),
            required: !shape.isOptional,
            defaultValue: shape.defaultValue,
            description: describe(type, name, shape),
          }),
        ]),
      ),
  });
}

const shared = new Map<string, AnyInput>();

/** The input type of a schema that names its type, made once for all who refer to it. */
export function sharedInput(name: string, schema: z.ZodObject): AnyInput {
  const known = shared.get(name);
  if (known) return known;
  const ref = derivedInput({ name: `${name}Input`, description: schema.description ?? name, schema, enumPrefix: name });
  shared.set(name, ref);
  return ref;
}

function inputs(list: RefMaker<AnyInput>['list']): RefMaker<AnyInput> {
  return {
    // Pothos takes a scalar's name wherever it takes a ref; its types only know names that are literals.
    scalar: (name) => name as unknown as AnyInput,
    enum: (ref) => ref,
    object: (type, owner, field) => {
      const own = ownName(type.schema);
      if (own !== null) return sharedInput(own, type.schema);
      return derivedInput({ ...type, name: owner.name.replace(/Input$/, '') + upperFirst(field) + 'Input' });
    },
    list,
  };
}

/** Turns a parsed GraphQL input into what the zod schema takes: a null that the schema does not know means "left out". */
export function toZodInput(schema: z.ZodObject, input: unknown, path: string): Record<string, unknown> {
  const given = z.record(z.string(), z.unknown()).parse(input);
  const entries = fieldShapes(schema, path).flatMap(([name, shape]) => {
    const value = given[name];
    if (value === undefined || (value === null && !shape.isNullable)) return [];
    return [[name, toZodValue(shape, value, `${path}.${name}`)]];
  });
  return Object.fromEntries(entries);
}

function toZodValue(shape: FieldShape, value: unknown, path: string): unknown {
  if (value === null) return null;
  if (typeof value === 'bigint') return Number(value);
  if (value instanceof Date) return value.toISOString();
  if (shape.type.kind === 'object') return toZodInput(shape.type.schema, value, path);
  const { type } = shape;
  if (type.kind === 'list' && Array.isArray(value))
    return value.map((element) => toZodValue(type.element, element, path));
  return value;
}
