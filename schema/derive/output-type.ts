import type { ObjectRef, OutputRef } from '@pothos/core';
import type { z } from 'zod';
import { builder } from '../builder.ts';
import { maxPageSize } from '../page-size.ts';
import { pageSize } from '../paging.ts';
import type { BuilderTypes } from './derived-enum.ts';
import { fieldShapes, type FieldShape } from './field-shape.ts';
import { upperFirst } from './names.ts';
import { describe, ownName, typeRef, type DerivedType, type RefMaker } from './type-ref.ts';

/** A value whose fields are known at run time only. */
export type DerivedValue = Record<string, unknown>;

export type DerivedRef = ObjectRef<BuilderTypes, DerivedValue>;

type AnyOutput = OutputRef<unknown>;

/** The GraphQL object type of what a zod object parses to. Its enums are called by its own name unless told otherwise. */
export function derivedObject(declared: Omit<DerivedType, 'enumPrefix'> & { enumPrefix?: string }): DerivedRef {
  const type = { enumPrefix: declared.name, ...declared };
  const fields = fieldShapes(type.schema, type.name);
  return builder.objectRef<DerivedValue>(type.name).implement({
    description: type.description,
    fields: (t) =>
      Object.fromEntries(
        fields.map(([name, shape]) => [
          name,
          t.field({
            // What is in a list is known at run time only.
            type: typeRef(
              type,
              name,
              shape,
              outputs((element) => t.listRef(element) as unknown as AnyOutput),
            ),
            nullable: isNullable(shape),
            description: describe(type, name, shape),
            args:
              shape.top === null
                ? {}
                : {
                    first: t.arg.int({
                      required: true,
                      defaultValue: shape.top,
                      description: `How many to answer, at most ${maxPageSize}.`,
                    }),
                  },
            resolve: (parent, { first }: { first?: number }) => firstOf(parent[name] ?? absent(shape), first),
          }),
        ]),
      ),
  });
}

const shared = new Map<string, DerivedRef>();

/** The object type of a schema that names its type, made once for all who refer to it. */
export function sharedObject(name: string, schema: z.ZodObject): DerivedRef {
  const known = shared.get(name);
  if (known) return known;
  const ref = derivedObject({ name, description: schema.description ?? name, schema });
  shared.set(name, ref);
  return ref;
}

function outputs(list: RefMaker<AnyOutput>['list']): RefMaker<AnyOutput> {
  return {
    // Pothos takes a scalar's name wherever it takes a ref; its types only know names that are literals.
    scalar: (name) => name as unknown as AnyOutput,
    enum: (ref) => ref,
    object: (type, owner, field) => {
      const own = ownName(type.schema);
      return own === null
        ? derivedObject({ ...type, name: owner.name + upperFirst(field) })
        : sharedObject(own, type.schema);
    },
    list,
  };
}

/** What has a default is always there once it is parsed. */
function isNullable(shape: FieldShape): boolean {
  return shape.isNullable || (shape.isOptional && shape.defaultValue === undefined);
}

/** What was stored before its schema had a list has none of it. */
function absent(shape: FieldShape): unknown {
  return shape.type.kind === 'list' && !isNullable(shape) ? [] : null;
}

/** @throws GraphQLError when more is asked for than there can be */
function firstOf(value: unknown, first: number | undefined): unknown {
  return first === undefined || !Array.isArray(value) ? value : value.slice(0, pageSize(first));
}
