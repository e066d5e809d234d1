import type { EnumRef } from '@pothos/core';
import type { z } from 'zod';
import { derivedEnum, type BuilderTypes } from './derived-enum.ts';
import type { FieldKind, FieldShape } from './field-shape.ts';
import { upperFirst } from './names.ts';

/** A GraphQL type that is made from a zod object. */
export interface DerivedType {
  name: string;
  description: string;
  schema: z.ZodObject;
  /** Enums are called by it and their field. */
  enumPrefix: string;
}

/** The name that a schema gives the type of its values, wherever they are; null for most, whose types are called by their place. */
export function ownName(schema: z.ZodObject): string | null {
  const name = schema.meta()?.['graphqlName'];
  return typeof name === 'string' ? name : null;
}

/** How the parts of a type are referred to on one side: in inputs, or in outputs. */
export interface RefMaker<Ref> {
  scalar(name: Extract<FieldKind, { kind: 'scalar' }>['scalar']): Ref;
  enum(ref: EnumRef<BuilderTypes, string>): Ref;
  /** The type of an object in this field of the owner. */
  object(type: Omit<DerivedType, 'name'>, owner: DerivedType, field: string): Ref;
  list(element: Ref): Ref;
}

/** Refers to the type of a field, which is made when it is an object or enum. */
export function typeRef<Ref>(owner: DerivedType, field: string, shape: FieldShape, make: RefMaker<Ref>): Ref {
  const { type } = shape;
  const enumPrefix = owner.enumPrefix + upperFirst(field);
  switch (type.kind) {
    case 'scalar':
      return make.scalar(type.scalar);
    case 'enum':
      return make.enum(derivedEnum(enumPrefix, describe(owner, field, shape), type));
    case 'object':
      return make.object(
        {
          description: describe(owner, field, shape),
          schema: type.schema,
          enumPrefix: ownName(type.schema) ?? enumPrefix,
        },
        owner,
        field,
      );
    case 'list': {
      const description = type.element.description ?? shape.description;
      return make.list(typeRef(owner, field, { ...type.element, description }, make));
    }
  }
}

/** @throws Error: a field without a sentence would be a hole in the API's documentation. */
export function describe(owner: { name: string }, field: string, shape: FieldShape): string {
  if (shape.description !== undefined) return shape.description;
  throw new Error(`${owner.name}.${field} has no description: give its zod type one with .describe().`);
}
