import type { ObjectRef, OutputRef } from '@pothos/core';
import type { z } from 'zod';
import { builder } from '../builder.ts';
import { derivedEnum, type BuilderTypes } from './derived-enum.ts';
import { fieldShapes, type FieldShape } from './field-shape.ts';
import { upperFirst } from './names.ts';

/** A value whose fields are known at run time only. */
export type DerivedValue = Record<string, unknown>;

export type DerivedRef = ObjectRef<BuilderTypes, DerivedValue>;

interface DerivedType {
  name: string;
  description: string;
  schema: z.ZodObject;
  /** Enums are called by it and their field. */
  enumPrefix?: string;
}

/** The GraphQL object type of what a zod object parses to. */
export function derivedObject(type: DerivedType): DerivedRef {
  const fields = fieldShapes(type.schema, type.name);
  return builder.objectRef<DerivedValue>(type.name).implement({
    description: type.description,
    fields: (t) =>
      Object.fromEntries(
        fields.map(([name, shape]) => [
          name,
          t.field({
            type: outputRef(type, name, shape, (element) => t.listRef(element) as unknown as AnyOutput), // What is in it is known at run time only.
            nullable: isNullable(shape),
            description: describe(type, name, shape),
            resolve: (parent) => parent[name],
          }),
        ]),
      ),
  });
}

type AnyOutput = OutputRef<unknown>;

function outputRef(
  owner: DerivedType,
  field: string,
  shape: FieldShape,
  listOf: (element: AnyOutput) => AnyOutput,
): AnyOutput {
  const { type } = shape;
  switch (type.kind) {
    case 'scalar':
      // Pothos takes a scalar's name wherever it takes a ref; its types only know names that are literals.
      return type.scalar as unknown as AnyOutput;
    case 'enum':
      return derivedEnum((owner.enumPrefix ?? owner.name) + upperFirst(field), describe(owner, field, shape), type);
    case 'object':
      return derivedObject({
        name: owner.name + upperFirst(field),
        description: describe(owner, field, shape),
        schema: type.schema,
      });
    case 'list':
      return listOf(
        outputRef(
          owner,
          field,
          { ...type.element, description: type.element.description ?? shape.description },
          listOf,
        ),
      );
  }
}

/** What has a default is always there once it is parsed. */
function isNullable(shape: FieldShape): boolean {
  return shape.isNullable || (shape.isOptional && shape.defaultValue === undefined);
}

/** @throws Error: a field without a sentence would be a hole in the API's documentation. */
export function describe(owner: { name: string }, field: string, shape: FieldShape): string {
  if (shape.description !== undefined) return shape.description;
  throw new Error(`${owner.name}.${field} has no description: give its zod type one with .describe().`);
}
